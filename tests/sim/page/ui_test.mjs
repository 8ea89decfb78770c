// SPDX-License-Identifier: MIT
// The mock's page in headless Chromium, against a real tixian-mock. Run: node --test, with TIXIAN_MOCK naming the program.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launch, openPhone, picture } from '../../web/browser.mjs';
import { MockProcess, startReceiver } from './mock_process.mjs';

const LAPTOP = { viewport: { width: 1366, height: 768 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false, locale: 'en-GB' };

describe('the page', () => {
  let browser, mock, receiver, page, complaints;

  before(async () => {
    browser = await launch();
    mock = await MockProcess.start(process.env.TIXIAN_MOCK, '--expire-lag', '1ms');
    receiver = await startReceiver();
    ({ page, complaints } = await openPhone(browser, LAPTOP));
    await page.goto(`${mock.address}/_mock/ui`);
  });
  after(async () => {
    await browser?.close();
    receiver?.close();
    await mock?.stop();
  });

  const tab = (name) => page.locator(`#tab-${name}`).click();
  const bill = (number) => page.locator(`article[data-number="${number}"]`);

  test('says what to do while nothing has happened', async () => {
    await page.getByText('No request yet').waitFor();
  });

  test('shows a request and its bill as they come', async () => {
    assert.equal((await mock.create('WD1', { notify_url: receiver.url })).status, 200);

    await page.locator('#rows li[data-number="WD1"] .arrow.merchant-wechat', { hasText: 'create' }).waitFor();
    await bill('WD1').locator('.state.WAIT_USER_CONFIRM', { hasText: '待确认收款' }).waitFor();
  });

  test('confirms as the user, and shows the notification that follows', async () => {
    await bill('WD1').getByRole('button', { name: 'Confirm' }).click();

    await bill('WD1').locator('.state.SUCCESS').waitFor();
    await page.locator('#rows .arrow.wechat-user.left', { hasText: '确认收款' }).waitFor();
    await page.locator('#rows .arrow', { hasText: 'notify' }).waitFor();
  });

  test('sends a notification again', async () => {
    await bill('WD1').getByRole('button', { name: 'Notify again' }).click();

    await page.locator('#rows .guise', { hasText: 'repeated' }).waitFor();
  });

  test('refuses as the user', async () => {
    await mock.create('WD2', { transfer_amount: 2000 });
    await bill('WD2').getByRole('button', { name: 'Refuse' }).click();

    await bill('WD2').locator('.state.FAIL').waitFor();
  });

  test('switches a fault on and off', async () => {
    await tab('faults');
    await page.locator('#new-fault select[name=fault]').selectOption('answer_lost');
    await page.locator('#new-fault select[name=endpoint]').selectOption('create');
    await page.getByRole('button', { name: 'Switch on' }).click();
    const rule = page.locator('#fault-list li[data-rule="answer_lost"]');
    await rule.waitFor();
    assert.equal((await mock.create('WD3', { transfer_amount: 3000 })).status, 0);

    await rule.locator('.fired', { hasText: 'fired 1 of 1' }).waitFor();
    await page.locator('#rows li[data-number="WD3"] .arrow.broken').waitFor();
    await picture(page, 'mock-faults');
    await rule.getByRole('switch').click();
    await page.locator('#fault-list li.off').waitFor();
    assert.equal((await mock.create('WD3', { transfer_amount: 3000 })).status, 200);
  });

  test('says what is wrong with a fault', async () => {
    await page.locator('#new-fault input[name=probability]').fill('150%');
    await page.getByRole('button', { name: 'Switch on' }).click();

    await page.locator('#fault-problem', { hasText: 'probability must be a share' }).waitFor();
  });

  test('reads the verdicts and points at their rows', async () => {
    await mock.create('WD4', { transfer_amount: 3000 });
    await page.locator('#verdict-count', { hasText: '1' }).waitFor();
    await tab('verdicts');
    const verdict = page.locator('article[data-sin="second_number"]');
    await verdict.getByText('WD3 is open').waitFor();

    await verdict.getByRole('button').last().click();

    await page.locator('#rows li.pointed[data-number="WD4"]').waitFor();
    await picture(page, 'mock-verdicts');
  });

  test('advances business time', async () => {
    await tab('bills');
    await page.getByRole('button', { name: '+24 h' }).click();

    await bill('WD4').locator('.reason', { hasText: 'OVERDUE_CLOSE' }).waitFor();
    await page.locator('#ahead', { hasText: '1d ahead' }).waitFor();
  });

  test('opens what was sent and answered', async () => {
    await page.locator('#rows li[data-number="WD1"].opens').first().click();
    await page.locator('#details pre', { hasText: 'transfer_amount' }).waitFor();
    await picture(page, 'mock-details');
    await page.locator('#details').getByRole('button').click();
  });

  test('narrows to one number', async () => {
    await page.locator('#filter').fill('WD1');

    await page.locator('#rows li[data-number="WD4"]').first().waitFor({ state: 'hidden' });
    await bill('WD4').waitFor({ state: 'detached' });
    await page.locator('#filter').fill('');
    await bill('WD4').waitFor();
    await picture(page, 'mock-bills');
  });

  test('begins anew', async () => {
    await page.getByRole('button', { name: 'Reset' }).click();

    await page.getByText('No request yet').waitFor();
    await page.getByText('No bill yet').waitFor();
  });

  test('complained of nothing but the refusal that was asked for', () => {
    assert.deepEqual(complaints.filter((text) => !text.includes('400 (Bad Request)')), []);
  });
});
