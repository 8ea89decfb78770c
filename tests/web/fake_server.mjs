// SPDX-License-Identifier: MIT
// The server's API in memory: to work on the page (`node fake_server.mjs 8088`), and to test what only the page decides.
// It obeys the test: nothing moves by itself unless `automatic` is set.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const WEB = new URL('../../server/web/', import.meta.url);
const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

export const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJl';

const fen = (yuan) => {
  const [whole, rest = ''] = yuan.split('.');
  return BigInt(whole + rest.padEnd(2, '0'));
};
const yuan = (value) => {
  const digits = value.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

// What each progress means for the rest of the answer.
const STAGES = {
  accepted: ['pending', 'held', '已受理，正在提交微信', true],
  in_review: ['pending', 'in_review', '正在审核，通过后自动提交', true],
  submitted: ['processing', 'live', '已提交微信，等待处理', true],
  waiting: ['processing', 'submitting', '微信通道繁忙，稍后会自动继续，款项安全', true],
  awaiting_confirmation: ['processing', 'live', '请在微信中确认收款', true],
  transferring: ['processing', 'live', '正在转入你的微信零钱', false],
  cancelling: ['processing', 'cancelling', '正在取消，款项将退回可提现余额', false],
  succeeded: ['success', 'succeeded', '已到账', false],
  failed: ['failed', 'failed', '提现失败', false],
  cancelled: ['cancelled', 'cancelled', '已取消', false],
};
const NEXT = { accepted: 'submitted', submitted: 'awaiting_confirmation', transferring: 'succeeded', cancelling: 'cancelled' };
const FINAL = ['succeeded', 'failed', 'cancelled'];

const now = () => `${new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;

class Refusal extends Error {
  constructor(status, code, message, field = null) {
    super(message);
    Object.assign(this, { status, code, field });
  }
}

export class FakeServer {
  available = fen('128.00');
  held = 0n;
  minimum = '1.00';
  singleMax = '200.00';
  limits = {};            // what else the wallet says: bound_by, day_left, fee …
  fee = '0.00';           // of every amount
  automatic = false;      // each look at a withdrawal moves it on
  withSandboxPage = true;
  history = [];           // newest first
  keys = new Map();
  withdrawRequests = [];  // { key, body } of every attempt, also of those that get no answer
  troubles = [];          // for the next attempts to withdraw: 'drop', 'commit_and_drop', or a Refusal
  down = false;           // no withdrawal is answered at all (a browser repeats one lost answer by itself, so one is not enough)
  #server;

  static refusal(status, code, message, field) {
    return new Refusal(status, code, message, field);
  }

  async start(port = 0) {
    this.#server = createServer((request, response) => this.#serve(request, response));
    await new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  async stop() {
    this.#server.closeAllConnections?.();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A withdrawal as if it had been made before. */
  add(amount, progress = 'accepted', more = {}) {
    const number = (this.history.length + 1).toString().padStart(12, '0');
    const withdrawal = {
      withdraw_id: `WD20250101123456${number}`, amount, fee: '0.00', channel: 'wechat', created_at: now(),
      error_code: null, error_message: null, completed_at: null, ...more,
    };
    this.history.unshift(withdrawal);
    this.available -= fen(amount);
    this.held += fen(amount);
    this.move(withdrawal, progress, more);
    return withdrawal;
  }

  /** Moves a withdrawal to a stage, and its money with it. */
  move(withdrawal, progress, more = {}) {
    const [status, state, message, cancellable] = STAGES[progress];
    const asked = progress === 'awaiting_confirmation';
    const token = `pkg-${withdrawal.withdraw_id}`;
    const page = this.withSandboxPage ? `${this.origin}/_mock/confirm?package=${token}` : null;
    Object.assign(withdrawal, {
      status, state, progress, progress_message: message, cancellable, updated_at: now(), replayed: false,
      package_info: asked ? token : null,
      confirm: asked ? { mch_id: '1900000001', app_id: 'wx0000000000000001', package: token, page } : null,
    }, more);
    if (!FINAL.includes(progress)) return;
    withdrawal.completed_at = now();
    this.held -= fen(withdrawal.amount);
    if (progress !== 'succeeded') this.available += fen(withdrawal.amount);
  }

  find(id) {
    return this.history.find((withdrawal) => withdrawal.withdraw_id === id);
  }

  async #serve(request, response) {
    const url = new URL(request.url, this.origin);
    try {
      if (url.pathname.startsWith('/api/v1/')) await this.#api(request, response, url);
      else if (url.pathname === '/_mock/confirm') this.#confirmPage(request, response, url);
      else await this.#file(response, url.pathname);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message, field } = error;
      this.#json(response, status, { error: { code, message, field, request_id: 'req-1' } });
    }
  }

  #json(response, status, body) {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(JSON.stringify(body));
  }

  async #file(response, path) {
    const name = path === '/' ? 'index.html' : path.replace(/^\/assets\//, '');
    const file = name === 'weui.min.css' ? 'node_modules/weui/dist/style/weui.min.css' : name;
    try {
      if (!/^[a-z_.]+$/.test(name)) throw new Error(name);
      const content = await readFile(new URL(file, WEB));
      response.writeHead(200, {
        'Content-Type': `${TYPES[name.split('.').pop()]}; charset=utf-8`,
        'Content-Security-Policy': POLICY,
        'X-Content-Type-Options': 'nosniff',
      }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  // Without script, so that it lives under the same policy as the page.
  #confirmPage(request, response, url) {
    const id = (url.searchParams.get('package') ?? '').replace('pkg-', '');
    const withdrawal = this.find(id);
    if (request.method === 'POST' && withdrawal) this.move(withdrawal, 'transferring');
    const body = request.method === 'POST' ? '<p id="done">已确认</p>' : '<form method="post"><button id="confirm">确认收款</button></form>';
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY })
      .end(`<!doctype html><title>sandbox</title><link rel="icon" href="/assets/icon.svg">${body}`);
  }

  async #api(request, response, url) {
    const path = url.pathname.slice('/api/v1'.length);
    const route = `${request.method} ${path}`;
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.headers.authorization !== `Bearer ${TOKEN}`) throw new Refusal(401, 'unauthorized', 'token expired');

    if (route === 'GET /wallet') {
      return this.#json(response, 200, this.#wallet());
    }
    if (route === 'GET /wallet/fee') {
      const amount = url.searchParams.get('amount');
      return this.#json(response, 200, { amount, fee: this.fee, total: yuan(fen(amount) + fen(this.fee)) });
    }
    if (route === 'POST /wallet/withdraw') return this.#withdraw(request, response, body);
    if (route === 'GET /wallet/withdrawals') {
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const to = from + Number(url.searchParams.get('limit'));
      return this.#json(response, 200, { withdrawals: this.history.slice(from, to), next_cursor: to < this.history.length ? String(to) : null });
    }

    const [, id, cancel] = /^\/(?:payment|wallet)\/withdraw\/(\w+)(\/cancel)?$/.exec(path) ?? [];
    const withdrawal = this.find(id);
    if (!withdrawal) throw new Refusal(404, 'unknown_withdrawal', 'no such withdrawal');
    if (cancel) {
      if (FINAL.includes(withdrawal.progress)) throw new Refusal(409, 'already_final', 'it is over');
      this.move(withdrawal, 'cancelling');
      return this.#json(response, 202, withdrawal);
    }
    this.#json(response, 200, withdrawal);
    if (this.automatic && NEXT[withdrawal.progress]) this.move(withdrawal, NEXT[withdrawal.progress]);
  }

  #wallet() {
    const available = yuan(this.available);
    const isOver = this.available > fen(this.singleMax);
    return {
      available, held: yuan(this.held), withdrawable: isOver ? this.singleMax : available, fee: this.fee,
      bound_by: isOver ? 'single_max' : null, bound_by_message: isOver ? `单笔最高 ${this.singleMax} 元，其余可再次提现` : null,
      more_at: null, day_left: null, day_count_left: null, month_left: null, free_left: null,
      minimum: this.minimum, single_max: this.singleMax, currency: 'CNY', ...this.limits,
    };
  }

  #withdraw(request, response, body) {
    const key = request.headers['idempotency-key'];
    this.withdrawRequests.push({ key, body });
    const trouble = this.troubles.shift();
    if (trouble instanceof Refusal) throw trouble;
    if (this.down || trouble === 'drop') return request.socket.destroy();

    const first = this.keys.get(key);
    const withdrawal = first ?? this.add(JSON.parse(body).amount);
    this.keys.set(key, withdrawal);
    if (trouble === 'commit_and_drop') return request.socket.destroy();
    return this.#json(response, first ? 200 : 201, { ...withdrawal, replayed: Boolean(first) });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fake = await new FakeServer().start(Number(process.argv[2] ?? 8088));
  fake.automatic = true;
  console.log(`${fake.origin}/#token=${TOKEN}`);
}
