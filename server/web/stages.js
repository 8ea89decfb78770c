// SPDX-License-Identifier: MIT
// The way of a withdrawal as the user sees it: a head with the amount and one sentence, and the steps below it.
import { el, icon, setText, yuan } from './dom.js';

// Each step as it reads before, while and after it is reached.
const WAY = [
  ['受理', '已受理', '已受理'],
  ['提交微信', '已提交微信', '已提交微信'],
  ['确认收款', '待你确认收款', '已确认收款'],
  ['转账', '转账中', '已转账'],
  ['到账', '已到账', '已到账'],
];
const WAY_BACK = [
  ['受理', '已受理', '已受理'],
  ['取消', '取消中', '已取消'],
  ['退回余额', '退回余额', '已退回余额'],
];

// `sending` has no answer yet and `waiting` was not taken in by WeChat yet, so neither may claim its step.
const PLACES = {
  sending: [[['受理', '正在受理', '已受理'], ...WAY.slice(1)], 0],
  accepted: [WAY, 0],
  submitted: [WAY, 1],
  in_review: [[WAY[0], ['审核', '正在审核', '已审核'], ...WAY.slice(1)], 1],
  waiting: [[WAY[0], ['提交微信', '等待提交微信', '已提交微信'], ...WAY.slice(2)], 1],
  awaiting_confirmation: [WAY, 2],
  transferring: [WAY, 3],
  succeeded: [WAY, 4],
  cancelling: [WAY_BACK, 1],
};

/** The head and the steps, drawn once; `show` then changes only what differs. */
export function stages(heading, amount) {
  const sentence = el('p', { class: 'stages__sentence', role: 'status', 'aria-live': 'polite' });
  const list = el('ol', { class: 'steps' });
  const amountLine = yuan('progress-amount', amount, 'stages__amount');
  const amountText = amountLine.lastChild;
  const node = el('section', { class: 'card stages' },
    el('p', { class: 'stages__heading' }, heading), amountLine, sentence, list);

  function show({ progress, words, amount: next }) {
    const [way, place] = PLACES[progress] ?? [WAY, 0];
    setText(sentence, words);
    if (next) setText(amountText, next);
    if (list.children.length !== way.length) {
      list.replaceChildren(...way.map(() =>
        el('li', { class: 'step' }, el('span', { class: 'step__dot' }, icon('check')), el('span', {}))));
    }
    way.forEach((labels, index) => {
      const when = index < place ? 2 : index === place ? 1 : 0;
      const item = list.children[index];
      item.className = `step ${['step_ahead', 'step_now', 'step_done'][when]}`;
      if (when === 1) item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
      setText(item.lastChild, labels[when]);
    });
  }
  return { node, show };
}
