// SPDX-License-Identifier: MIT
// The page, the real server and the real mock of WeChat Pay, as a user meets them: from the amount to the money.
//   TIXIAN_PAGE_URL     the page with its #token=…; without it there is nothing to drive
//   TIXIAN_CONFIRM      "button": the user confirms on the mock's page; otherwise the mock confirms by itself
//   TIXIAN_AMOUNT       what to withdraw, 12.34 when unset
//   TIXIAN_SCREENSHOTS  a folder for a picture of each stage
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { toFen, toYuan } from '../../server/web/money.js';
import { launch, openPhone, picture, progressIs, shows } from './browser.mjs';

const { TIXIAN_PAGE_URL: url, TIXIAN_CONFIRM: confirm, TIXIAN_AMOUNT: amount = '12.34' } = process.env;

test('a user withdraws to WeChat and sees it arrive', { skip: url === undefined && 'TIXIAN_PAGE_URL is not set', timeout: 180_000 }, async (t) => {
  const browser = await launch();
  t.after(() => browser.close());
  const { context, page, complaints } = await openPhone(browser, { timeout: 60_000 });

  await page.goto(url);
  await page.locator('#withdraw-all:enabled').waitFor();
  const before = (await page.locator('#balance').textContent()).trim();
  const expected = toYuan(toFen(before) - toFen(amount));
  assert.ok(!page.url().includes('token='), 'the token stays in the address bar');
  await picture(page, '1-home');

  await page.fill('#amount', amount);
  await page.click('#withdraw');
  await shows(page, '#dialog-amount', toYuan(toFen(amount)));
  await picture(page, '2-dialog');
  await page.click('#dialog-ok');

  await page.locator('#progress').waitFor();
  const id = decodeURIComponent(new URL(page.url()).hash.replace('#/w/', ''));
  assert.match(id, /^WD/);
  if (confirm === 'button') {
    await progressIs(page, 'awaiting_confirmation');
    await picture(page, '3-awaiting-confirmation');
    const opened = context.waitForEvent('page');
    await page.click('#confirm-receipt');
    const wechat = await opened;
    await wechat.locator('#confirm').waitFor();
    await picture(wechat, '4-wechat');
    await wechat.click('#confirm');
    await wechat.locator('#done').waitFor();
    await picture(wechat, '5-wechat-done');
    await wechat.close();
    await page.bringToFront();
  }

  await page.locator('#success', { hasText: '即时到账' }).waitFor();
  await shows(page, '#success-amount', toYuan(toFen(amount)));
  await shows(page, '#success-balance', expected);
  await picture(page, '6-success');

  await page.click('#back-home');
  await shows(page, '#balance', expected);
  await picture(page, '7-home-after');
  await page.click('.balance__history');
  const row = page.locator(`.history-row[data-id="${id}"]`);
  await row.filter({ hasText: '已到账' }).waitFor();
  assert.match(await row.textContent(), new RegExp(toYuan(toFen(amount)).replace('.', '\\.')));
  await picture(page, '8-history');

  assert.deepEqual(complaints, []);
});
