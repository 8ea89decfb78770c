// SPDX-License-Identifier: MIT
// The sequence of what went between merchant, WeChat and user: one row for each exchange, newest last.
import { chinese, clockOf, make, stateChip } from './words.js';

const rowsMax = 500;
const list = document.querySelector('#rows');
const lanes = { merchant: 1, wechat: 2, user: 3 };

function arrow(from, to, label, className = '') {
  const direction = lanes[from] < lanes[to] ? 'right' : 'left';
  const span = [from, to].sort((a, b) => lanes[a] - lanes[b]).join('-');
  return make('div', `arrow ${direction} ${span} ${className}`, make('span', 'label', ...label));
}

function statusLabel(entry) {
  if (entry.status === 0) return make('span', 'status lost', entry.kind === 'request' ? 'no answer' : 'nobody answered');
  const kind = entry.status < 300 ? 'ok' : entry.status < 500 ? 'refused' : 'error';
  return make('span', `status ${kind}`, String(entry.status));
}

function told(entry) {
  try {
    const answer = JSON.parse(entry.answer);
    return answer.state ?? answer.code ?? '';
  } catch {
    return '';
  }
}

// Beside the arrows, where there is room.
function badges(entry, ...more) {
  return make('div', 'badges', ...more, ...entry.faults.map((fault) => make('span', 'fault', fault)));
}

function requestRow(entry) {
  const doubtful = entry.believable ? '' : 'doubtful';
  return [
    arrow('merchant', 'wechat', [make('b', '', entry.endpoint), ' ', make('code', '', entry.number)]),
    arrow('wechat', 'merchant', [statusLabel(entry), ' ', entry.status === 0 ? '' : told(entry)],
      `back ${doubtful} ${entry.status === 0 ? 'broken' : ''}`),
    badges(entry),
  ];
}

function notificationRow(entry) {
  const isTrue = entry.guise === 'true' || entry.guise === 'repeated';
  let state = '';
  try { state = JSON.parse(entry.body).state; } catch { /* it tells of no bill */ }
  const guise = entry.guise === 'true' ? '' : make('span', isTrue ? 'guise' : 'guise false', entry.guise.replace('_', ' '));
  return [
    arrow('wechat', 'merchant', [make('b', '', 'notify '), chinese('通知'), ' ', make('code', '', entry.number), ' ', state],
      entry.believable ? '' : 'doubtful'),
    arrow('merchant', 'wechat', [statusLabel(entry), ` after ${entry.took_ms} ms`], `back ${entry.status === 0 ? 'broken' : ''}`),
    badges(entry, guise),
  ];
}

function changeRow(change) {
  const parts = [make('div', 'note', make('code', '', change.number), ' ', stateChip(change.to))];
  if (change.to === 'WAIT_USER_CONFIRM') parts.unshift(arrow('wechat', 'user', ['asks to confirm ', chinese('请确认收款')], 'soft'));
  if (change.from === 'WAIT_USER_CONFIRM' && ['TRANSFERING', 'SUCCESS'].includes(change.to)) {
    parts.unshift(arrow('user', 'wechat', ['confirms ', chinese('确认收款')], 'soft'));
  }
  return parts;
}

function addRow(key, number, time, parts, onOpen) {
  const row = make('li', '', make('time', '', time), make('div', 'lane-area', ...parts));
  row.id = key;
  row.dataset.number = number;
  if (onOpen) {
    row.tabIndex = 0;
    row.className = 'opens';
    row.addEventListener('click', onOpen);
    row.addEventListener('keydown', (event) => event.key === 'Enter' && onOpen());
  }
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.append(row);
  if (list.children.length > rowsMax) list.firstElementChild.remove();
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}

export function showEntry(entry, onOpen) {
  const parts = entry.kind === 'request' ? requestRow(entry) : notificationRow(entry);
  addRow(`entry-${entry.id}`, entry.number, clockOf(entry.time), parts, () => onOpen(entry));
}

let changeCount = 0;
export function showChange(change) {
  addRow(`change-${++changeCount}`, change.number, clockOf(change.time), changeRow(change));
}

/** Only rows of numbers that begin so; all when empty. */
export function filterRows(text) {
  for (const row of list.children) row.hidden = !row.dataset.number.startsWith(text);
}

export function pointAt(id) {
  const row = document.querySelector(`#entry-${id}`);
  if (!row) return;
  row.scrollIntoView({ block: 'center', behavior: 'smooth' });
  row.classList.add('pointed');
  setTimeout(() => row.classList.remove('pointed'), 2500);
}

export function clearRows() {
  list.replaceChildren();
}
