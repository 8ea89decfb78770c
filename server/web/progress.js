// SPDX-License-Identifier: MIT
import { ask } from './dialog.js';
import { backLink, clauses, el, fact, icon, setText, skeleton, title, yuan } from './dom.js';
import { isZero, total } from './money.js';
import { poll } from './patience.js';
import { stages } from './stages.js';
import { openInWeChat, sandboxPage, wayToConfirm } from './wechat.js';
import { errorWords, failureWords, progressWords, timeWords } from './words.js';

const FIRST_MS = 1000;
const LAST_MS = 5000;
const SLOWER = 1.4;

const FINAL = new Set(['succeeded', 'failed', 'cancelled']);
const WAY_NOTES = {
  wechat: '',
  page: '在新页面完成确认后，这里会自动更新',
  phone: '请在手机微信中打开本页确认收款',
};

/** One withdrawal: its way while it runs, then its end. */
export function progress(page, id) {
  const view = el('div', { class: 'with-actions' });
  const root = el('div', { id: 'progress', class: 'progress' });
  const actions = el('div', { class: 'actions' });
  const heading = title('提现进度', backLink('title-back'));
  view.append(heading, root, actions);

  let running = null;  // the parts of the screen while it runs, made once
  let shown = '';
  let delay = FIRST_MS;

  function show(withdrawal) {
    const now = JSON.stringify(withdrawal);
    // An answer that was under way while the end arrived is older than the end.
    if (now === shown || FINAL.has(root.dataset.progress)) return false;
    shown = now;
    const final = FINAL.has(withdrawal.progress);
    root.dataset.progress = withdrawal.progress;
    if (final) {
      setText(heading.lastChild, '提现详情');
      document.title = '提现详情';
      showEnd(page, withdrawal, root, actions);
    } else {
      running ??= startRunning(page, withdrawal, { root, actions, onChange: changed });
      running.show(withdrawal);
    }
    return true;
  }

  function changed(withdrawal) {
    if (withdrawal) show(withdrawal);
    delay = FIRST_MS;
    watch.soon();
  }

  function showMissing() {
    const advice = el('p', { id: 'failure-reason', class: 'ending__words' }, '请在提现记录中查看');
    root.replaceChildren(ending('failure', 'cross', '没有找到这笔提现', advice));
    actions.replaceChildren(homeButton('返回首页'));
  }

  const seed = page.takeSeed(id);
  if (seed) show(seed);
  else root.append(...waiting());

  const watch = poll({
    signal: page.signal,
    load: (signal) => page.api.withdrawal(id, signal),
    apply(withdrawal) {
      page.network.fine();
      delay = show(withdrawal) ? FIRST_MS : Math.min(delay * SLOWER, LAST_MS);
      return FINAL.has(withdrawal.progress) ? null : delay;
    },
    onTrouble(error) {
      if (error.code === 'unknown_withdrawal') {
        showMissing();
        return null;
      }
      page.network.trouble();
      return LAST_MS;
    },
  });
  return view;
}

function waiting() {
  const way = el('section', { class: 'card stages', 'aria-busy': 'true' },
    el('p', { class: 'stages__heading' }, '提现到微信零钱'),
    el('p', { class: 'yuan stages__amount' }, skeleton('skeleton_balance')),
    el('p', { class: 'stages__sentence' }, skeleton('skeleton_line')),
    el('ol', { class: 'steps' },
      ...Array.from({ length: 5 }, () => el('li', { class: 'step' }, skeleton('skeleton_word')))));
  const facts = el('dl', { class: 'card facts' }, ...['到账方式', '申请时间', '提现单号'].map((label) => fact(label, skeleton('skeleton_word'))));
  return [way, facts];
}

function startRunning(page, first, { root, actions, onChange }) {
  const way = stages('提现到微信零钱', first.amount);
  const note = el('p', { class: 'actions__note', role: 'status' });
  const confirmSlot = el('div', { class: 'actions__slot' });
  const cancel = el('button', { id: 'cancel-withdrawal', class: 'link link_quiet', type: 'button', onclick: onCancel }, '取消提现');
  const facts = el('dl', { class: 'card facts' });
  let current = first;
  let confirming = null;

  root.replaceChildren(way.node, facts);
  actions.replaceChildren(note, confirmSlot,
    el('p', { class: 'actions__links' }, cancel, el('a', { id: 'back-home', class: 'link', href: '#/' }, '返回首页')));

  async function onConfirm() {
    const outcome = await openInWeChat(current.confirm);
    if (outcome === 'unavailable') setText(note, '没能打开确认页面，请更新微信后重试');
    onChange();
  }

  async function onCancel() {
    const agreed = await ask({
      heading: '取消这笔提现？',
      amount: current.amount,
      lines: [el('p', {}, '款项将退回可提现余额')],
      ok: '取消提现',
      cancel: '继续提现',
      danger: true,
      signal: page.signal,
    });
    if (!agreed) return;
    cancel.disabled = true;
    try {
      onChange(await page.api.cancel(current.withdraw_id, page.signal));
    } catch (error) {
      if (page.signal.aborted) return;
      setText(note, errorWords(error));
      onChange();  // already final: the next look says how it ended
    }
    cancel.disabled = false;
  }

  function showConfirm({ progress: place, confirm }) {
    const wanted = place === 'awaiting_confirmation' && confirm ? JSON.stringify(confirm) : null;
    if (wanted === confirming) return;
    confirming = wanted;
    const kind = wanted && wayToConfirm(confirm);
    const style = { id: 'confirm-receipt', class: 'weui-btn weui-btn_primary wide' };
    setText(note, wanted ? WAY_NOTES[kind] : '');
    if (kind === 'wechat') {
      confirmSlot.replaceChildren(el('button', { ...style, type: 'button', onclick: onConfirm }, '去确认收款'));
    } else if (kind === 'page') {
      // A link, not window.open: no pop-up blocker stands in its way.
      const link = { ...style, href: sandboxPage(confirm), target: '_blank', rel: 'noopener', onclick: () => onChange() };
      confirmSlot.replaceChildren(el('a', link, '去确认收款'));
    } else confirmSlot.replaceChildren();
  }

  return {
    show(withdrawal) {
      current = withdrawal;
      way.show({ progress: withdrawal.progress, words: progressWords(withdrawal), amount: withdrawal.amount });
      if (facts.childElementCount === 0) facts.append(...factsOf(withdrawal));
      showConfirm(withdrawal);
      cancel.hidden = !withdrawal.cancellable || withdrawal.progress === 'cancelling';
    },
  };
}

function factsOf(withdrawal) {
  return [
    fact('到账方式', '微信零钱'),
    ...(isZero(withdrawal.fee) ? [] : [fact('手续费', `${withdrawal.fee} 元`)]),
    fact('申请时间', timeWords(withdrawal.created_at)),
    ...(withdrawal.completed_at ? [fact('完成时间', timeWords(withdrawal.completed_at))] : []),
    fact('提现单号', withdrawal.withdraw_id, 'fact__value_id'),
  ];
}

function ending(id, picture, heading, ...children) {
  return el('section', { id, class: `card ending ending_${id}` },
    el('span', { class: 'ending__icon' }, icon(picture)), el('h2', { class: 'ending__heading' }, heading), ...children);
}

function homeButton(text) {
  return el('a', { id: 'back-home', class: 'weui-btn weui-btn_primary wide', href: '#/' }, text);
}

function showEnd(page, withdrawal, root, actions) {
  const balance = el('span', { id: withdrawal.progress === 'succeeded' ? 'success-balance' : 'balance-after' }, skeleton('skeleton_word'));
  const after = fact('当前可提现', balance, 'fact__value_balance');
  const facts = el('dl', { class: 'card facts' }, after, ...factsOf(withdrawal));
  const returned = el('p', { class: 'ending__hint' }, `${total(withdrawal)} 元已退回可提现余额`);

  if (withdrawal.progress === 'succeeded') {
    root.replaceChildren(ending('success', 'check', '即时到账', yuan('success-amount', withdrawal.amount, 'ending__amount'),
      el('p', { class: 'ending__hint' }, '已转入你的微信零钱')), facts);
    actions.replaceChildren(homeButton('完成'));
    page.announce(`即时到账，${withdrawal.amount} 元已转入你的微信零钱`);
  } else if (withdrawal.progress === 'failed') {
    root.replaceChildren(ending('failure', 'cross', '提现失败',
      el('p', { id: 'failure-reason', class: 'ending__words' }, ...clauses(failureWords(withdrawal))), returned), facts);
    actions.replaceChildren(homeButton('返回首页'));
    page.announce(`提现失败，${failureWords(withdrawal)}`);
  } else {
    root.replaceChildren(ending('cancelled', 'undo', '提现已取消', returned), facts);
    actions.replaceChildren(homeButton('返回首页'));
    page.announce('提现已取消');
  }

  // The balance that the page knew is older than this end.
  poll({
    signal: page.signal,
    load: page.loadWallet,
    apply(wallet) {
      balance.replaceChildren(wallet.available);
      balance.after(el('span', { class: 'unit' }, ' 元'));
      return null;
    },
    onTrouble: () => LAST_MS,
  });
}
