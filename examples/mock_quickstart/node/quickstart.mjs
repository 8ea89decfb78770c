// SPDX-License-Identifier: MIT
// One transfer through tixian-mock: node quickstart.mjs http://127.0.0.1:8085 mock-keys
import { randomBytes, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const [baseUrl, keys] = process.argv.slice(2);
const read = (name) => readFileSync(`${keys}/${name}`, 'utf8');
const merchant = JSON.parse(read('merchant.json'));

async function call(method, path, content) {
  const body = content ? JSON.stringify(content) : '';
  const timestamp = Math.floor(Date.now() / 1000);
  const nonce = randomBytes(16).toString('hex');
  const text = `${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`;
  const signature = sign('sha256', Buffer.from(text), read('merchant_key.pem')).toString('base64');
  const answer = await fetch(baseUrl + path, {
    method,
    body: body || undefined,
    headers: {
      Authorization: `WECHATPAY2-SHA256-RSA2048 mchid="${merchant.mchid}",nonce_str="${nonce}",` +
        `timestamp="${timestamp}",serial_no="${merchant.merchant_serial}",signature="${signature}"`,
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'Wechatpay-Serial': merchant.wechatpay_public_key_id,
    },
  });
  const answered = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${answered}`);
  check(answer.headers, answered);
  return JSON.parse(answered);
}

function check(headers, body) { // throws when the signature is not WeChat's
  const of = (name) => headers.get(`Wechatpay-${name}`);
  if (of('Serial') !== merchant.wechatpay_public_key_id) throw new Error('signed with an unknown key');
  if (!(Math.abs(Date.now() / 1000 - of('Timestamp')) <= 300)) throw new Error('signed too long ago');
  const text = `${of('Timestamp')}\n${of('Nonce')}\n${body}\n`;
  const signature = Buffer.from(of('Signature'), 'base64');
  if (!verify('sha256', Buffer.from(text), read('wechatpay_public_key.pem'), signature)) {
    throw new Error('the signature is wrong');
  }
}

const number = `Node${Date.now()}`;
const bills = '/v3/fund-app/mch-transfer/transfer-bills';
let bill = await call('POST', bills, {
  appid: merchant.appid,
  out_bill_no: number,
  transfer_scene_id: '1010',
  openid: 'oConfirmsAtOnce', // such a user takes the money by himself
  transfer_amount: 1234,
  transfer_remark: '旧手机回收款',
  transfer_scene_report_infos: [{ info_type: '回收商品名称', info_content: '手机' }],
});
for (let i = 0; i < 100; ++i) {
  console.log(number, bill.state);
  if (['SUCCESS', 'FAIL', 'CANCELLED'].includes(bill.state)) break;
  await pause(100);
  bill = await call('GET', `${bills}/out-bill-no/${number}`);
}
process.exitCode = bill.state === 'SUCCESS' ? 0 : 1;
