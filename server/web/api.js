// SPDX-License-Identifier: MIT
import { dropToken, token } from './session.js';

const TIMEOUT_MS = 10_000;

// Refusals that are made before anybody looks at the idempotency key: they say nothing about an earlier attempt.
const SAYS_NOTHING = new Set(['unauthorized', 'too_many_requests', 'rate_limited']);

export class ApiError extends Error {
  constructor(status, { code = null, message = '', field = null } = {}) {
    super(message || code || 'network');
    Object.assign(this, { status, code, field, text: message });
  }

  get unauthorized() {
    return this.status === 401;
  }

  /** True unless the server itself refused: the request may have been carried out, or may yet be. */
  get inDoubt() {
    return !this.code || this.status < 400 || this.status >= 500 || this.unauthorized || SAYS_NOTHING.has(this.code);
  }
}

async function request(path, { method = 'GET', body, headers = {}, signal } = {}) {
  const limit = new AbortController();
  const abort = () => limit.abort();
  const timer = setTimeout(abort, TIMEOUT_MS);
  signal?.addEventListener('abort', abort);
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { Authorization: `Bearer ${token()}`, ...(body && { 'Content-Type': 'application/json' }), ...headers },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',  // a hotel's login page is not our server
      signal: limit.signal,
    });
    const answer = await response.json().catch(() => null);
    if (response.ok && answer && typeof answer === 'object') return answer;
    throw new ApiError(response.status, answer?.error ?? {});
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** The API of one page; `onUnauthorized` is told once a token is no longer good, whoever asked. */
export function connect(onUnauthorized) {
  const call = async (path, options) => {
    try {
      return await request(path, options);
    } catch (error) {
      if (error.unauthorized) {
        dropToken();
        onUnauthorized();
      }
      throw error;
    }
  };
  const withdrawal = async (path, options) => {
    const answer = await call(path, options);
    if (typeof answer.withdraw_id !== 'string') throw new ApiError(0);
    return answer;
  };
  return {
    wallet: (signal) => call('/wallet', { signal }),
    fee: (amount, signal) => call(`/wallet/fee?amount=${encodeURIComponent(amount)}`, { signal }),
    withdraw: ({ key, amount, realName }, signal) => withdrawal('/wallet/withdraw', {
      method: 'POST', body: { amount, ...(realName && { real_name: realName }) }, headers: { 'Idempotency-Key': key }, signal,
    }),
    withdrawal: (id, signal) => withdrawal(`/payment/withdraw/${encodeURIComponent(id)}`, { signal }),
    cancel: (id, signal) => withdrawal(`/wallet/withdraw/${encodeURIComponent(id)}/cancel`, { method: 'POST', signal }),
    withdrawals: (cursor, signal) =>
      call(`/wallet/withdrawals?limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`, { signal }),
  };
}
