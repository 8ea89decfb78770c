// SPDX-License-Identifier: MIT
// Every sentence that depends on a code. The server's own Chinese sentence is used where a code has none here.

// A code from outside must not find what every object inherits, such as `constructor`.
const lookUp = (table, code) => (Object.prototype.hasOwnProperty.call(table, code) ? table[code] : undefined);

// The limits by the names that the API gives them.
const LIMITS = {
  day_amount: '今日提现额度不足，请减少金额或明天再提现',
  day_count: '今日提现次数已用完，请明天再提现',
  month_amount: '本月提现额度不足，请减少金额或下月再提现',
  minimum_interval: '两次提现间隔太短，请稍后再提现',
  merchant_day: '今日平台提现额度已用完，请明天再提现',
};

const API_ERRORS = {
  invalid_amount: () => '请输入正确的金额，例如 12.34',
  amount_below_minimum: (wallet) => (wallet ? `最低提现 ${wallet.minimum} 元` : '低于最低提现金额'),
  amount_above_maximum: (wallet) => (wallet ? `单笔最高 ${wallet.single_max} 元` : '超过单笔最高金额'),
  invalid_argument: (_, field) => (field === 'real_name' ? '请核对真实姓名后重新提现' : ''),
  limit_reached: (_, field) => lookUp(LIMITS, field) ?? '已达提现上限，请稍后再提现',
  insufficient_funds: () => '可提现余额不足',
  idempotency_mismatch: () => '这次提交与之前的不一致，请重新提现',
  unknown_withdrawal: () => '没有找到这笔提现',
  already_final: () => '这笔提现已经结束，不能再取消',
  unauthorized: () => '登录已过期，请重新打开页面',
  malformed: () => '提交的内容有误，请刷新页面后重试',
  commit_in_doubt: () => '正在确认结果，请勿重复提交',
  ledger_unavailable: () => '系统繁忙，请稍后再试',
};

export function errorWords(error, wallet) {
  return lookUp(API_ERRORS, error.code)?.(wallet, error.field) || error.text
    || (error.status ? '操作没有成功，请稍后再试' : '网络不稳定，请稍后再试');
}

/** What today and this month still allow; empty where nothing limits. */
export function leftWords({ day_left: day, day_count_left: count, month_left: month, free_left: free }) {
  const today = [day && `${day} 元`, Number.isInteger(count) && `${count} 次`].filter(Boolean).join('、');
  return [
    today && `今日还可提现 ${today}`,
    month && `本月还可提现 ${month} 元`,
    free && `本月免手续费额度剩余 ${free} 元`,
  ].filter(Boolean).join('；');
}

const CHECK_NAME = '微信实名信息与预留信息不一致，请核对后重新提现';
const CHECK_ACCOUNT = '微信收款账户状态异常，请在微信中检查账户后重新提现';
const RECEIVED_ENOUGH = '今日微信收款次数或金额已达上限，请明天再试';
const ASK_SERVICE = '提现暂时无法完成，请联系客服处理';
const NOT_CONFIRMED = '未在规定时间内确认收款，请重新提现并及时确认';

const FAILURES = {
  REAL_NAME_CHECK_FAIL: CHECK_NAME,
  NAME_NOT_CORRECT: CHECK_NAME,
  ID_CARD_NOT_CORRECT: CHECK_NAME,
  ACCOUNT_FROZEN: CHECK_ACCOUNT,
  ACCOUNT_NOT_EXIST: CHECK_ACCOUNT,
  PAYEE_ACCOUNT_ABNORMAL: CHECK_ACCOUNT,
  DAY_RECEIVED_COUNT_EXCEED: RECEIVED_ENOUGH,
  DAY_RECEIVED_QUOTA_EXCEED: RECEIVED_ENOUGH,
  REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED: '微信零钱收款额度已用完，请在微信中完善实名信息后重新提现',
  BLOCK_B2C_USERLIMITAMOUNT_MONTH: '本月微信收款额度已用完，请下月再试',
  BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH: '本月微信收款额度已用完，请下月再试',
  OVERDUE_CLOSE: NOT_CONFIRMED,
  MCH_CANCEL: '这笔提现已被取消，如有需要请重新提现',
  OPENID_INVALID: '微信账号绑定有误，请重新登录绑定微信后再提现',
  TRANSFER_RISK: '微信支付认为这笔转账有风险，请联系客服处理',
};

export function failureWords({ error_code: code, error_message: message }) {
  return message || lookUp(FAILURES, code) || ASK_SERVICE;
}

// When the server has nothing better to say about where a withdrawal stands.
const PROGRESS = {
  accepted: '正在提交微信，请稍候',
  in_review: '正在审核，通过后自动提交微信',
  submitted: '微信正在处理，请稍候',
  waiting: '正在排队处理，款项安全，请耐心等待',
  awaiting_confirmation: '请在微信中确认收款',
  transferring: '正在转入你的微信零钱',
  cancelling: '正在取消，款项将退回可提现余额',
};

export function progressWords({ progress, progress_message: message }) {
  return message || lookUp(PROGRESS, progress) || '正在处理，请稍候';
}

/** Label and tone for a row of the history. */
export function statusWords({ status, state, progress }) {
  if (status === 'success') return ['已到账', 'done'];
  if (status === 'failed') return ['提现失败', 'failed'];
  if (status === 'cancelled') return ['已取消', 'quiet'];
  if (progress === 'awaiting_confirmation') return ['待确认收款', 'act'];
  if (progress === 'cancelling') return ['取消中', 'quiet'];
  return [state === 'in_review' ? '审核中' : '处理中', 'running'];
}

/** RFC 3339 as the server wrote it, in its own zone: no detour through the phone's clock settings. */
export function timeWords(time) {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})/.exec(time ?? '');
  return match ? `${match[1]} ${match[2]}` : '';
}
