// SPDX-License-Identifier: MIT
// Bills as cards, with what the user and WeChat can do with each.
import { act } from './api.js';
import { button, chinese, make, stateChip, yuan } from './words.js';

const panel = document.querySelector('#bills');
const cardsMax = 100;
let shown = '';

function actions(bill, onProblem) {
  const run = (what) => () => act(bill, what).catch(onProblem);
  const isFinal = ['SUCCESS', 'FAIL', 'CANCELLED'].includes(bill.state);
  const found = [];
  if (bill.state === 'WAIT_USER_CONFIRM') found.push(button(['Confirm ', chinese('确认收款')], run('confirm'), 'main'));
  if (!isFinal && bill.state !== 'CANCELING') found.push(button(['Refuse ', chinese('拒收')], run('refuse')));
  if (isFinal && bill.notify_url) found.push(button(['Notify again ', chinese('重发通知')], run('notify')));
  return found;
}

function card(bill, onProblem) {
  const reason = bill.fail_reason ? make('p', 'reason', bill.fail_reason) : '';
  const notified = bill.notify_url && bill.notify_attempts > 0
    ? make('p', 'small', bill.notified ? `notified at attempt ${bill.notify_attempts}` : `${bill.notify_attempts} notifications failed`)
    : '';
  const element = make('article', 'bill',
    make('div', 'line', make('code', '', bill.out_bill_no), make('strong', '', yuan(bill.transfer_amount))),
    make('div', 'line', stateChip(bill.state), make('span', 'small', bill.openid)),
    reason, notified, make('div', 'actions', ...actions(bill, onProblem)));
  element.dataset.number = bill.out_bill_no;
  element.dataset.state = bill.state;
  return element;
}

/** Newest first; drawn anew only when something changed, so that no button vanishes under the pointer. */
export function showBills(bills, filter, onProblem) {
  const wanted = bills.filter((bill) => bill.out_bill_no.startsWith(filter)).slice(-cardsMax).reverse();
  const text = JSON.stringify(wanted);
  if (text === shown) return;
  shown = text;
  document.querySelector('#bill-count').textContent = bills.length || '';
  panel.replaceChildren(...wanted.map((bill) => card(bill, onProblem)));
  if (wanted.length === 0) panel.append(make('p', 'empty', 'No bill yet.'));
}
