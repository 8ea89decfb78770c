// SPDX-License-Identifier: MIT
import { backLink, el, icon, skeleton, title } from './dom.js';
import { errorWords, statusWords, timeWords } from './words.js';

/** The user's withdrawals, newest first, each a link to its own screen. */
export function records(page) {
  const list = el('ul', { id: 'history', class: 'card rows', 'aria-busy': 'true' },
    ...Array.from({ length: 6 }, () => el('li', { class: 'row row_waiting' }, skeleton('skeleton_line'), skeleton('skeleton_word'))));
  const more = el('button', {
    id: 'load-more', class: 'weui-btn weui-btn_default wide', type: 'button', hidden: true, onclick: load,
  }, '加载更多');
  const trouble = el('p', { class: 'rows__trouble', role: 'alert' });
  const view = el('div', {}, title('提现记录', backLink()), list, trouble, more);
  let cursor = null;
  let first = true;

  async function load() {
    more.disabled = true;
    trouble.textContent = '';
    try {
      const answer = await page.api.withdrawals(cursor, page.signal);
      if (page.signal.aborted) return;
      page.network.fine();
      if (first) list.replaceChildren();
      first = false;
      list.append(...answer.withdrawals.map(row));
      list.removeAttribute('aria-busy');
      cursor = answer.next_cursor;
      more.hidden = !cursor;
      more.textContent = '加载更多';
      if (list.childElementCount === 0) list.replaceChildren(nothing());
    } catch (error) {
      if (page.signal.aborted || error.unauthorized) return;
      trouble.textContent = errorWords(error);
      more.textContent = '重新加载';
      more.hidden = false;
    }
    more.disabled = false;
  }

  load();
  return view;
}

function row(withdrawal) {
  const [label, tone] = statusWords(withdrawal);
  return el('li', { class: 'rows__item' },
    el('a', { class: 'row history-row', href: `#/w/${encodeURIComponent(withdrawal.withdraw_id)}`, 'data-id': withdrawal.withdraw_id },
      el('span', { class: 'row__what' }, '提现到微信零钱'),
      el('span', { class: 'row__amount' }, withdrawal.amount),
      el('span', { class: 'row__when' }, timeWords(withdrawal.created_at).slice(0, 16)),
      el('span', { class: `row__status row__status_${tone}` }, label)));
}

function nothing() {
  return el('li', { id: 'history-empty', class: 'empty' }, icon('list'), el('span', {}, '还没有提现记录'));
}
