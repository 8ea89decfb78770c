// SPDX-License-Identifier: MIT
// The way in: the token, the address, and which view stands on the screen.
import { connect } from './api.js';
import { el, icon } from './dom.js';
import { home } from './home.js';
import { progress } from './progress.js';
import { records } from './records.js';
import { takeTokenFromAddress, token, unansweredIntent } from './session.js';
import { submitting } from './submitting.js';

const place = document.getElementById('view');
const networkBar = document.getElementById('network');
const announcer = document.getElementById('announce');  // stands from the start: a live region made later is not read

const network = {
  show(text) {
    networkBar.textContent = text;
  },
  fine() {
    if (navigator.onLine) network.show('');
  },
  trouble() {
    network.show(navigator.onLine ? '网络不稳定，正在重试…' : '网络已断开，恢复后自动继续');
  },
};

const api = connect(() => show(() => loginNeeded('登录已过期，请重新打开页面')));

let leaving = new AbortController();
let wallet = null;       // the last one known: shown at once, refreshed behind it
let seed = null;         // a withdrawal just answered: its screen need not begin with a skeleton
let refused = null;      // what the server said to an attempt a moment ago
let intent = null;       // agreed to just now, not yet sent

/** Replaces the view. Whatever the old one still waits for ends with its signal. */
function show(make) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const page = {
    api,
    network,
    signal,
    announce(text) {
      announcer.textContent = text;
    },
    get wallet() {
      return wallet;
    },
    async loadWallet() {
      try {
        const fresh = await api.wallet(signal);
        network.fine();
        wallet = fresh;
        return fresh;
      } catch (error) {
        if (!signal.aborted && !error.unauthorized) network.trouble();
        throw error;
      }
    },
    submit(agreed) {
      intent = agreed;
      history.pushState(null, '', '#/submit');
      route();
    },
    showWithdrawal(withdrawal) {
      seed = withdrawal;
      replace(`/w/${encodeURIComponent(withdrawal.withdraw_id)}`);
    },
    showRefusal(words) {
      refused = words;
      replace('/');
    },
    takeSeed(id) {
      const mine = seed?.withdraw_id === id ? seed : null;
      seed = null;
      return mine;
    },
  };
  const moved = place.childElementCount > 0;
  announcer.textContent = '';
  place.replaceChildren(make(page));
  scrollTo(0, 0);
  const heading = place.querySelector('h1');
  document.title = heading?.textContent ?? '提现';
  if (moved) heading?.focus({ preventScroll: true });
}

/** Goes on in the place of a step that is over: the way back from a progress screen leads home, not to the submission. */
function replace(path) {
  history.replaceState(null, '', `#${path}`);
  route();
}

function route() {
  takeTokenFromAddress();
  if (!token()) {
    show(() => loginNeeded('请从小程序或 App 打开'));
    return;
  }
  const [, name = '', id = ''] = location.hash.replace(/^#/, '').split('/');
  const unanswered = unansweredIntent() ?? (name === 'submit' ? intent : null);
  intent = null;
  const words = refused;
  refused = null;
  if (name === 'history') show(records);
  else if (name === 'w' && id) show((page) => progress(page, decode(id)));
  // Until the last one is answered there is no place from which a second could be sent.
  else if (unanswered) show((page) => submitting(page, unanswered));
  else show((page) => home(page, { refused: words }));
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function loginNeeded(words) {
  return el('section', { id: 'login-needed', class: 'closed' },
    icon('lock'), el('h1', { class: 'closed__words', tabindex: '-1' }, words),
    el('p', { class: 'closed__hint' }, '为了你的资金安全，提现需要先确认身份'));
}

addEventListener('hashchange', route);
addEventListener('offline', network.trouble);
addEventListener('online', network.fine);
route();
