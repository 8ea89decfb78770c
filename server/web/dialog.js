// SPDX-License-Identifier: MIT
import { el, yuan } from './dom.js';

/** Asks before money moves or stops moving. Resolves to true for 「确定」, false for anything else that closes it. */
export function ask({ heading, amount, lines, ok, cancel, danger = false, signal }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const close = (answer) => {
      root.remove();
      document.body.classList.remove('behind-dialog');
      signal.removeEventListener('abort', dismiss);
      before?.focus?.({ preventScroll: true });
      resolve(answer);
    };
    const dismiss = () => close(false);

    const button = (id, style, onclick, text) => el('button', { id, type: 'button', class: `weui-dialog__btn ${style}`, onclick }, text);
    const okButton = button('dialog-ok', danger ? 'ask__danger' : 'ask__ok', () => close(true), ok);
    const cancelButton = button('dialog-cancel', 'weui-dialog__btn_default', dismiss, cancel);
    const root = el('div', { class: 'ask' },
      el('div', { class: 'weui-mask', onclick: dismiss }),
      el('div', { id: 'dialog', class: 'weui-dialog', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'dialog-title' },
        el('div', { class: 'weui-dialog__hd' }, el('strong', { id: 'dialog-title', class: 'weui-dialog__title' }, heading)),
        el('div', { class: 'weui-dialog__bd' }, yuan('dialog-amount', amount, 'ask__amount'), ...lines),
        el('div', { class: 'weui-dialog__ft' }, cancelButton, okButton)));

    root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') dismiss();
      if (event.key !== 'Tab') return;
      event.preventDefault();  // two buttons: Tab goes from one to the other and never behind the dialog
      (document.activeElement === okButton ? cancelButton : okButton).focus();
    });
    signal.addEventListener('abort', dismiss);
    document.body.append(root);
    document.body.classList.add('behind-dialog');
    okButton.focus({ preventScroll: true });
  });
}
