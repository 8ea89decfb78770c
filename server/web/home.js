// SPDX-License-Identifier: MIT
import { ask } from './dialog.js';
import { clauses, el, fact, icon, setText, skeleton, title } from './dom.js';
import { couldBecomeAmount, isZero, judge, needsName, normalize } from './money.js';
import { poll } from './patience.js';
import { openIntent } from './session.js';
import { errorWords, leftWords } from './words.js';

const WHILE_HELD_MS = 5000;
const WHILE_QUIET_MS = 60_000;
const AFTER_TROUBLE_MS = 5000;

/** Balance, amount, and the one button. `refused` is what the server said to an attempt a moment ago. */
export function home(page, { refused = null } = {}) {
  let wallet = page.wallet;
  let said = refused?.message ?? null;  // the server's word stands until the amount changes

  const balance = el('span', { id: 'balance' });
  const held = el('span', { id: 'held' });
  const input = el('input', {
    id: 'amount', class: 'amount__input', name: 'amount', type: 'text', inputmode: 'decimal', enterkeyhint: 'done',
    autocomplete: 'off', maxlength: '16', placeholder: '0.00', 'aria-describedby': 'amount-hint amount-error',
  });
  const all = el('button', { id: 'withdraw-all', class: 'link', type: 'button' }, '全部提现');
  const hint = el('span', { id: 'amount-hint', class: 'amount__hint' });
  const error = el('span', { id: 'amount-error', class: 'amount__error', role: 'alert' });
  const name = el('input', {
    id: 'real-name', class: 'amount__name', name: 'name', type: 'text', autocomplete: 'name', maxlength: '64',
    placeholder: '请输入微信实名认证的姓名', enterkeyhint: 'done', oninput: () => showJudgement(),
  });
  const nameRow = el('div', { id: 'name-row', hidden: true },
    el('label', { class: 'amount__label', for: 'real-name' }, '真实姓名'), name);
  const submit = el('button', { id: 'withdraw', class: 'weui-btn weui-btn_primary wide', type: 'submit' }, '提现到微信零钱');

  const left = el('p', { id: 'left', class: 'footnote' });

  function usual() {
    if (!wallet) return '';
    // The single maximum stands in the usual words already; anything else that binds is news.
    if (wallet.bound_by && wallet.bound_by !== 'single_max') return wallet.bound_by_message;
    return `最低 ${wallet.minimum} 元，单笔最高 ${wallet.single_max} 元`;
  }

  function showWallet() {
    if (wallet) {
      setText(balance, wallet.available);
      setText(held, `${wallet.held} 元`);
    } else {
      balance.replaceChildren(skeleton('skeleton_balance'));
      held.replaceChildren(skeleton('skeleton_word'));
    }
    all.disabled = !wallet || isZero(wallet.withdrawable);
    const remains = wallet ? leftWords(wallet) : '';
    left.replaceChildren(...clauses(remains));
    left.hidden = remains === '';
  }

  function showJudgement() {
    const verdict = judge(normalize(input.value), wallet);
    const refusal = said ?? (verdict.kind === 'refused' ? verdict.hint : '');
    setText(error, refusal);
    setText(hint, refusal ? '' : verdict.kind === 'unfinished' ? verdict.hint : usual());
    input.setAttribute('aria-invalid', String(refusal !== ''));
    nameRow.hidden = verdict.kind !== 'valid' || !needsName(verdict.amount, wallet);
    verdict.name = nameRow.hidden ? '' : name.value.trim();
    submit.disabled = verdict.kind !== 'valid' || (!nameRow.hidden && verdict.name === '');
    return verdict;
  }

  input.addEventListener('beforeinput', (event) => {
    // A stroke that cannot lead to an amount is not taken; what comes as a whole (pasted, suggested) is taken, and judged.
    if (event.inputType !== 'insertText' || event.data?.length !== 1) return;
    const { value, selectionStart, selectionEnd } = input;
    const next = normalize(value.slice(0, selectionStart) + event.data + value.slice(selectionEnd));
    if (!couldBecomeAmount(next)) event.preventDefault();
  });
  input.addEventListener('input', () => {
    said = null;
    const normal = normalize(input.value);
    if (normal !== input.value) input.value = normal;
    showJudgement();
  });
  all.addEventListener('click', () => {
    said = null;
    input.value = wallet.withdrawable;
    showJudgement();
    if (wallet.bound_by) setText(hint, wallet.bound_by_message);
  });

  /** What it costs, as facts; asked of the server unless even the most would go free. Null when it cannot say. */
  async function costOf(amount) {
    if (isZero(wallet.fee)) return [];
    submit.disabled = true;
    try {
      const quote = await page.api.fee(amount, page.signal);
      if (isZero(quote.fee)) return [];
      return [fact('手续费', `${quote.fee} 元`), fact('余额扣除', `${quote.total} 元`)];
    } catch (trouble) {
      if (page.signal.aborted || trouble.unauthorized) return null;
      said = errorWords(trouble, wallet);
      return null;
    } finally {
      showJudgement();
    }
  }

  async function onSubmit(event) {
    event.preventDefault();
    const verdict = showJudgement();
    if (submit.disabled) return;
    input.blur();
    const cost = await costOf(verdict.amount);
    if (!cost || page.signal.aborted) return;
    const intent = openIntent(verdict.amount, verdict.name);
    const agreed = await ask({
      heading: '确认提现',
      amount: intent.amount,
      lines: [el('dl', { class: 'facts facts_plain' }, fact('到账方式', '微信零钱'),
        ...(intent.realName ? [fact('收款人', intent.realName)] : []), ...cost)],
      ok: '确认提现',
      cancel: '再想想',
      signal: page.signal,
    });
    if (agreed) page.submit(intent);
  }

  if (refused) input.value = refused.amount;
  showWallet();
  showJudgement();

  poll({
    signal: page.signal,
    load: page.loadWallet,
    apply(next) {
      wallet = next;
      showWallet();
      showJudgement();
      return isZero(next.held) ? WHILE_QUIET_MS : WHILE_HELD_MS;
    },
    onTrouble: () => AFTER_TROUBLE_MS,
  });

  return el('div', { class: 'home' },
    title('提现'),
    el('section', { class: 'card balance', 'aria-label': '余额' },
      el('p', { class: 'balance__label' }, '可提现余额（元）'),
      el('p', { class: 'balance__value' }, balance),
      el('p', { class: 'balance__row' },
        el('span', {}, '提现中 ', held),
        el('a', { class: 'link balance__history', href: '#/history' }, '提现记录', icon('next')))),
    el('form', { class: 'card amount', novalidate: true, onsubmit: onSubmit },
      el('p', { class: 'amount__to' }, el('span', { class: 'amount__label' }, '到账方式'), el('span', {}, '微信零钱')),
      el('label', { class: 'amount__label', for: 'amount' }, '提现金额'),
      el('div', { class: 'amount__field' }, el('span', { class: 'amount__sign', 'aria-hidden': 'true' }, '¥'), input),
      el('div', { class: 'amount__below' }, el('p', { class: 'amount__words' }, hint, error), all),
      nameRow,
      submit),
    left,
    el('p', { class: 'footnote' }, '如需在微信中确认收款，请在 24 小时内完成，逾期款项将退回可提现余额。'));
}
