// SPDX-License-Identifier: MIT
import { el, title } from './dom.js';
import { stages } from './stages.js';
import { submit } from './submission.js';
import { errorWords } from './words.js';

const IN_DOUBT = '网络不稳定，正在确认结果，请勿重复提交';

/** Between the user's word and the server's answer. It looks like the progress screen, since it becomes it. */
export function submitting(page, intent) {
  const { node, show } = stages('提现到微信零钱', intent.amount);
  const retry = el('button', {
    id: 'retry-submit', class: 'weui-btn weui-btn_primary wide', type: 'button', hidden: true, onclick: attempt,
  }, '重新确认结果');
  const note = el('p', { class: 'actions__note' });

  async function attempt() {
    retry.hidden = true;
    note.textContent = '';
    show({ progress: 'sending', words: intent.sent ? IN_DOUBT : '正在提交，请稍候' });
    try {
      const withdrawal = await submit(page.api, intent, {
        signal: page.signal,
        onTrouble: () => show({ progress: 'sending', words: IN_DOUBT }),
      });
      if (!page.signal.aborted) page.showWithdrawal(withdrawal);
    } catch (error) {
      if (page.signal.aborted || error.unauthorized) return;
      if (!error.inDoubt) {
        page.showRefusal({ amount: intent.amount, message: errorWords(error, page.wallet) });
        return;
      }
      intent = { ...intent, sent: true };
      show({ progress: 'sending', words: IN_DOUBT });
      note.textContent = '重新确认不会重复提现，请勿关闭本页';
      retry.hidden = false;
    }
  }

  attempt();
  return el('div', { id: 'submitting', class: 'with-actions' },
    title('提现进度'), node, el('div', { class: 'actions' }, note, retry));
}
