// SPDX-License-Identifier: MIT
// What must outlive a reload of this tab, and nothing else: the token, and the one withdrawal whose answer is outstanding.

const TOKEN = 'tixian.token';
const INTENT = 'tixian.intent';

/** Moves a token from the address bar into the session, so that it is neither bookmarked nor shared with the address. */
export function takeTokenFromAddress() {
  const match = /^#token=([A-Za-z0-9_.-]{1,8192})$/.exec(location.hash);
  if (!match) return;
  sessionStorage.setItem(TOKEN, match[1]);
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
}

export function token() {
  return sessionStorage.getItem(TOKEN);
}

export function dropToken() {
  sessionStorage.removeItem(TOKEN);
}

/** Whose token it is, unverified: only to keep one user's unanswered withdrawal away from the next user of this tab. */
function owner() {
  const mine = token() ?? '';
  try {
    const payload = mine.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    return String(JSON.parse(atob(payload)).sub ?? mine);
  } catch {
    return mine;
  }
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // randomUUID wants a secure context and a newer WebView; random bytes do not.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function save(intent) {
  sessionStorage.setItem(INTENT, JSON.stringify(intent));
  return intent;
}

/** One intended withdrawal, one key: made when the user is asked to confirm, never again for the same intention. */
export function openIntent(amount, realName) {
  return save({ owner: owner(), key: newKey(), amount, ...(realName && { realName }), sent: false });
}

/** Noted before the first byte leaves: from now on the key stays until the server gave an answer of its own. */
export function markSent(intent) {
  return save({ ...intent, sent: true });
}

export function closeIntent() {
  sessionStorage.removeItem(INTENT);
}

/** The withdrawal that was sent and not answered, if there is one. */
export function unansweredIntent() {
  let intent = null;
  try {
    intent = JSON.parse(sessionStorage.getItem(INTENT));
  } catch {
    // Unreadable is the same as absent.
  }
  return intent?.sent && intent.owner === owner() ? intent : null;
}
