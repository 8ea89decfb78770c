// SPDX-License-Identifier: MIT
// WeChat's terms in both languages, and small builders of elements.

export const STATES = {
  ACCEPTED: ['accepted', '已受理'],
  PROCESSING: ['processing', '处理中'],
  WAIT_USER_CONFIRM: ['waits for the user', '待确认收款'],
  TRANSFERING: ['on its way', '转账中'],
  SUCCESS: ['paid', '转账成功'],
  FAIL: ['failed', '转账失败'],
  CANCELING: ['being cancelled', '撤销中'],
  CANCELLED: ['cancelled', '已撤销'],
};

export const SINS = {
  second_number: ['A second number for a live debt', '同一笔款换单重付'],
  changed_content: ['Retried with changed content', '重试改参'],
  submit_after_end: ['Submitted after the end', '终态后重提'],
  over_the_rate: ['Over the rate', '超频'],
  believed_a_forgery: ['Believed a forgery', '接受伪造通知'],
  left_unanswered: ['No answer within 5 s', '通知超时未应答'],
  acted_on_unverified: ['Acted on what does not verify', '未验签即处理'],
};

/** An element with a class, text and children; text is never read as HTML. */
export function make(tag, className = '', ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function chinese(text) {
  const span = make('span', '', text);
  span.lang = 'zh-CN';
  return span;
}

export function button(text, onClick, className = '') {
  const element = make('button', className, ...[text].flat());
  element.type = 'button';
  element.addEventListener('click', onClick);
  return element;
}

export function stateChip(state) {
  const [english, translation] = STATES[state] ?? ['unknown state', '未知'];
  const chip = make('span', `state ${state}`, state, ' ', chinese(translation));
  chip.title = english;
  return chip;
}

export const yuan = (fen) => `¥${(fen / 100).toFixed(2)}`;
export const clockOf = (time) => time.slice(11, 23);
