// SPDX-License-Identifier: MIT
// A real tixian-mock with keys of its own, and a merchant who signs requests to it.
import { spawn } from 'node:child_process';
import { createSign, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BILLS = '/v3/fund-app/mch-transfer/transfer-bills';

export class MockProcess {
  static async start(program, ...options) {
    const mock = new MockProcess();
    mock.folder = await mkdtemp(join(tmpdir(), 'tixian-mock-page-'));
    const keys = join(mock.folder, 'keys');
    mock.child = spawn(program, ['--port', '0', '--keys', keys, '--accept-ms', '0', '--lock-ms', '0', '--transfer-ms', '30', ...options]);
    mock.address = await new Promise((resolve, reject) => {
      let text = '';
      const timer = setTimeout(() => reject(new Error(`not ready: ${text}`)), 20_000);
      const read = (chunk) => {
        text += chunk;
        const ready = /ready on (\S+)/.exec(text);
        if (!ready) return;
        clearTimeout(timer);
        resolve(ready[1]);
      };
      mock.child.stdout.on('data', read);
      mock.child.stderr.on('data', read);
      mock.child.on('exit', () => reject(new Error(`ended: ${text}`)));
    });
    mock.identity = JSON.parse(await readFile(join(keys, 'merchant.json'), 'utf8'));
    mock.key = await readFile(join(keys, 'merchant_key.pem'), 'utf8');
    return mock;
  }

  async stop() {
    this.child.removeAllListeners('exit');
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  async send(method, target, body = '') {
    const nonce = randomBytes(16).toString('hex');
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = createSign('RSA-SHA256').update(`${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`).sign(this.key, 'base64');
    const { mchid, merchant_serial: serial } = this.identity;
    const authorization = `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="${nonce}",signature="${signature}",timestamp="${timestamp}",serial_no="${serial}"`;
    try {
      const answer = await fetch(this.address + target, {
        method, headers: { Authorization: authorization, 'Content-Type': 'application/json' }, body: body || undefined,
      });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return { status: 0, text: '' };
    }
  }

  create(number, more = {}) {
    return this.send('POST', BILLS, JSON.stringify({
      appid: this.identity.appid, out_bill_no: number, transfer_scene_id: '1010', openid: 'oUser1', transfer_amount: 1234,
      transfer_remark: '旧手机回收款', transfer_scene_report_infos: [{ info_type: '回收商品名称', info_content: '手机' }], ...more,
    }));
  }

  query(number) {
    return this.send('GET', `${BILLS}/out-bill-no/${number}`);
  }

  async control(method, path, body) {
    const answer = await fetch(`${this.address}/_mock/${path}`, { method, body: body && JSON.stringify(body) });
    return answer.json();
  }
}

/** A merchant's notification endpoint that answers 200 to everything. */
export async function startReceiver() {
  const receiver = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200).end());
  });
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${receiver.address().port}/notify`, close: () => receiver.close() };
}
