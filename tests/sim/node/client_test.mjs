// SPDX-License-Identifier: MIT
// The unmodified npm client wechatpay-axios-plugin against tixian-mock, as a merchant would use it. It signs its
// requests and verifies every answer by itself; a broken signature on either side fails here.
//
//   TIXIAN_MOCK=build/debug/bin/tixian-mock node --test tests/sim/node/client_test.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import plugin from 'wechatpay-axios-plugin';

const { Aes, Formatter, Rsa, Wechatpay } = plugin;
const work = mkdtempSync(join(tmpdir(), 'tixian-mock-node-'));
const key = (name) => readFileSync(join(work, 'keys', name), 'utf8');
let mock, url, merchant, client;

before(async () => {
  mock = spawn(process.env.TIXIAN_MOCK, ['--keys', join(work, 'keys'), '--port', '0', '--accept-ms', '0', '--lock-ms',
    '0', '--transfer-ms', '0', '--cancel-ms', '0', '--switch', 'fund_bill_at_once=true'],
  { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: mock.stdout }), 'line');
  [, url] = line.match(/ready on (http:\/\/\S+)/);
  merchant = JSON.parse(key('merchant.json'));
  client = wechatpay({ [merchant.wechatpay_public_key_id]: key('wechatpay_public_key.pem') },
    merchant.wechatpay_public_key_id);
});
after(async () => {
  mock.kill('SIGTERM');
  const [code] = await once(mock, 'exit');
  rmSync(work, { recursive: true });
  assert.equal(code, 0);
});

// `serial` names the key by which answers are to be signed and names are encrypted.
function wechatpay(certs, serial) {
  return new Wechatpay({
    mchid: merchant.mchid,
    serial: merchant.merchant_serial,
    privateKey: key('merchant_key.pem'),
    certs,
    baseURL: url,
    headers: { 'Wechatpay-Serial': serial },
  });
}

const control = async (path, body) => {
  const answer = await fetch(`${url}/_mock/${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
};

const transfer = (number, more = {}) => ({
  appid: merchant.appid,
  out_bill_no: number,
  transfer_scene_id: '1010',
  openid: 'oUser',
  transfer_amount: 1234,
  transfer_remark: '旧手机回收款',
  transfer_scene_report_infos: [{ info_type: '回收商品名称', info_content: '手机' }],
  ...more,
});
const bills = () => client.v3.fundApp.mchTransfer.transferBills;

test('makes a transfer, and the same one again, and sees it paid', async () => {
  const { data: first } = await bills().post(transfer('A1'));
  const { data: again } = await bills().post(transfer('A1'));
  assert.equal(first.state, 'WAIT_USER_CONFIRM');
  assert.deepEqual(again, first);

  await control('bills/A1/confirm', {});

  const { data: seen } = await bills().outBillNo.$out_bill_no$.get({ out_bill_no: 'A1' });
  assert.equal(seen.state, 'SUCCESS');
  assert.equal(seen.transfer_bill_no, first.transfer_bill_no);
});

test('is told the code of a refusal', async () => {
  await bills().post(transfer('B1'));
  await assert.rejects(bills().post(transfer('B1', { transfer_amount: 1235 })),
    (error) => error.response.status === 400 && error.response.data.code === 'INVALID_REQUEST');
  await assert.rejects(bills().outBillNo.$out_bill_no$.get({ out_bill_no: 'B2' }),
    (error) => error.response.status === 404 && error.response.data.code === 'NOT_FOUND');
});

test('encrypts a name and gets it back', async () => {
  const name = Rsa.encrypt('张三', Rsa.from(key('wechatpay_public_key.pem'), Rsa.KEY_TYPE_PUBLIC));
  await bills().post(transfer('C1', { user_name: name }));
  const { data } = await bills().outBillNo.$out_bill_no$.get({ out_bill_no: 'C1' });
  assert.equal(Rsa.decrypt(data.user_name, Rsa.from(key('merchant_key.pem'), Rsa.KEY_TYPE_PRIVATE)), '张三');
});

test('cancels', async () => {
  await bills().post(transfer('D1'));
  const { data } = await bills().outBillNo.$out_bill_no$.cancel.post({}, { out_bill_no: 'D1' });
  assert.match(data.state, /^CANCEL/);
});

test('downloads the platform certificates and verifies with them', async () => {
  const key_id = merchant.wechatpay_public_key_id;
  await control(`merchants/${merchant.mchid}`, { verification: 'both' });
  const { data: { data: [entry] } } = await client.v3.certificates.get();
  const { nonce, associated_data: aad, ciphertext } = entry.encrypt_certificate;
  const pem = Aes.AesGcm.decrypt(ciphertext, key('apiv3_key.txt').trim(), nonce, aad);

  const by_certificate = wechatpay({ [entry.serial_no]: pem }, entry.serial_no);
  const answer = await by_certificate.v3.certificates.get();

  assert.equal(answer.headers['wechatpay-serial'], entry.serial_no);
  await control(`merchants/${merchant.mchid}`, { verification: 'public_key' });
  assert.equal((await client.v3.merchant.fund.balance.$type$.get({ type: 'OPERATION' })).headers['wechatpay-serial'], key_id);
});

test('verifies and decrypts a notification', async () => {
  const received = new Promise((resolve) => {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      response.writeHead(204).end();
      server.close();
      resolve({ headers: request.headers, body });
    }).listen(0, '127.0.0.1', async () => {
      await bills().post(transfer('E1', { notify_url: `http://127.0.0.1:${server.address().port}/notify` }));
      await control('bills/E1/confirm', {});
    });
  });
  const { headers, body } = await received;

  const signed = Formatter.response(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body);
  assert.equal(headers['wechatpay-serial'], merchant.wechatpay_public_key_id);
  assert.ok(Rsa.verify(signed, headers['wechatpay-signature'],
    Rsa.from(key('wechatpay_public_key.pem'), Rsa.KEY_TYPE_PUBLIC)));
  const { resource } = JSON.parse(body);
  const plain = JSON.parse(Aes.AesGcm.decrypt(resource.ciphertext, key('apiv3_key.txt').trim(), resource.nonce,
    resource.associated_data));
  assert.equal(plain.out_bill_no, 'E1');
  assert.equal(plain.state, 'SUCCESS');
});

test('downloads the bill of the account, which is not signed, and checks its hash', async () => {
  await bills().post(transfer('F1'));
  const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
  const { data } = await client.v3.bill.fundflowbill.get({ params: { bill_date: today, account_type: 'OPERATION' } });
  const token = new URL(data.download_url).searchParams.get('token');
  const file = await client.v3.billdownload.file.get({ params: { token }, responseType: 'arraybuffer' });
  assert.equal(createHash('sha1').update(Buffer.from(file.data)).digest('hex'), data.hash_value);
});
