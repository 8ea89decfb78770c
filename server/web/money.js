// SPDX-License-Identifier: MIT
// Yuan as text, fen as BigInt. No amount ever passes through a binary fraction, so there is no rounding to argue about.

const YUAN = /^(0|[1-9]\d{0,12})(?:\.(\d{1,2}))?$/;

/** "12.3" -> 1230n; null for anything that is not plainly an amount. */
export function toFen(yuan) {
  const match = YUAN.exec(yuan);
  return match ? BigInt(match[1] + (match[2] ?? '').padEnd(2, '0')) : null;
}

/** 1230n -> "12.30", the one form that the API speaks. */
export function toYuan(fen) {
  const digits = fen.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** What a keyboard may produce on the way to an amount; a stroke that leaves this set is not taken. */
export function couldBecomeAmount(text) {
  return /^\d{0,9}(?:\.\d{0,2})?$/.test(text);
}

/** Chinese keyboards give a full stop where a decimal point is meant. */
export function normalize(text) {
  return text.trim().replace(/[。．]/g, '.');
}

function refuse(hint) {
  return { kind: 'refused', hint };
}

/**
 * Judges what stands in the amount field: empty, unfinished ("12."), refused with a hint, or valid with the amount to send.
 * The server decides again; this only spares the user a round trip.
 */
export function judge(text, wallet) {
  if (text === '') return { kind: 'empty' };
  if (/^\d{1,9}\.$/.test(text)) return { kind: 'unfinished', hint: '请补全小数，例如 12.30' };
  if (/^\d+\.\d{3,}$/.test(text)) return refuse('最多输入两位小数');
  const fen = toFen(text);
  if (fen === null) return refuse('请输入正确的金额，例如 12.34');
  if (!wallet) return { kind: 'unfinished', hint: '正在获取余额' };
  if (fen < toFen(wallet.minimum)) return refuse(`最低提现 ${wallet.minimum} 元`);
  if (fen > toFen(wallet.available)) return refuse('超过可提现余额');
  if (fen > toFen(wallet.single_max)) return refuse(`单笔最高 ${wallet.single_max} 元`);
  if (fen > toFen(wallet.withdrawable)) return refuse(wallet.bound_by_message ?? '超过可提现余额');
  return { kind: 'valid', amount: toYuan(fen) };
}

/** From some amount on WeChat asks for the payee's real name; null where the server takes none. */
export function needsName(amount, { real_name_from: from = null } = {}) {
  return from !== null && toFen(amount) >= toFen(from);
}

export function isZero(yuan) {
  return /^0(\.0+)?$/.test(yuan ?? '0');
}

/** Amount and fee together: what leaves the balance, or comes back to it. */
export function total({ amount, fee }) {
  return toYuan(toFen(amount) + toFen(fee ?? '0'));
}
