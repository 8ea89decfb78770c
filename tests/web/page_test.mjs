// SPDX-License-Identifier: MIT
// What the page decides by itself, against the fake server. Run: node --test tests/web/page_test.mjs
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { judge, toFen, total, toYuan } from '../../server/web/money.js';
import { launch, openPhone, picture, progressIs, shows } from './browser.mjs';
import { FakeServer, TOKEN } from './fake_server.mjs';

const WALLET = { available: '128.00', held: '0.00', withdrawable: '128.00', minimum: '1.00', single_max: '200.00' };

describe('amounts', () => {
  const table = [
    ['', 'empty'],
    ['1', 'valid', '1.00'],
    ['1.00', 'valid', '1.00'],
    ['12.3', 'valid', '12.30'],
    ['12.34', 'valid', '12.34'],
    ['128', 'valid', '128.00'],
    ['0.99', 'refused', '最低提现 1.00 元'],
    ['0', 'refused', '最低提现 1.00 元'],
    ['128.01', 'refused', '超过可提现余额'],
    ['12.', 'unfinished', '请补全小数，例如 12.30'],
    ['12.345', 'refused', '最多输入两位小数'],
    ['.5', 'refused', '请输入正确的金额，例如 12.34'],
    ['012', 'refused', '请输入正确的金额，例如 12.34'],
    ['-5', 'refused', '请输入正确的金额，例如 12.34'],
    ['1e2', 'refused', '请输入正确的金额，例如 12.34'],
    ['1,000', 'refused', '请输入正确的金额，例如 12.34'],
    ['１２', 'refused', '请输入正确的金额，例如 12.34'],
    ['99999999999999999999', 'refused', '请输入正确的金额，例如 12.34'],
  ];
  for (const [text, kind, words] of table) {
    test(`"${text}" is ${kind}`, () => {
      const verdict = judge(text, WALLET);

      assert.equal(verdict.kind, kind);
      assert.equal(verdict.amount ?? verdict.hint, words);
    });
  }

  test('above the single maximum is refused although the balance would do', () => {
    assert.equal(judge('200.01', { ...WALLET, available: '500.00', withdrawable: '200.00' }).hint, '单笔最高 200.00 元');
  });

  test('nothing is lost to binary fractions', () => {
    for (const yuan of ['0.01', '0.29', '1.15', '4.35', '9007199254740.93']) assert.equal(toYuan(toFen(yuan)), yuan);
  });

  test('above what a limit leaves is refused with the reason of the limit', () => {
    const wallet = { ...WALLET, withdrawable: '50.00', bound_by: 'day_amount', bound_by_message: '今日提现额度还剩 50.00 元' };

    assert.equal(judge('50.01', wallet).hint, '今日提现额度还剩 50.00 元');
  });

  test('what leaves the balance is amount and fee', () => {
    assert.equal(total({ amount: '12.30', fee: '0.75' }), '13.05');
  });
});

describe('page', () => {
  let browser;
  let fake;
  let phone;
  let page;
  let mayComplain;

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  beforeEach(async () => {
    fake = await new FakeServer().start();
    phone = await openPhone(browser, { timeout: 15_000 });
    page = phone.page;
    mayComplain = null;  // a browser reports each failed request itself; nothing else may appear
  });
  afterEach(async () => {
    const complaints = phone.complaints.filter((text) => !mayComplain?.test(text));
    await phone.context.close();
    await fake.stop();
    assert.deepEqual(complaints, []);
  });

  const open = (hash = `#token=${TOKEN}`) => page.goto(`${fake.origin}/${hash}`);
  const openReady = async () => {
    await open();
    await shows(page, '#balance', '128.00');
  };
  const text = (selector) => page.locator(selector).textContent();
  const withdraw = async (amount) => {
    await page.fill('#amount', amount);
    await page.click('#withdraw');
    await page.click('#dialog-ok');
  };
  const openWithdrawal = async (withdrawal) => {
    await open();
    await page.locator('#withdraw-all:enabled').waitFor();
    await page.goto(`${fake.origin}/#/w/${withdrawal.withdraw_id}`);
  };
  const keysSent = () => new Set(fake.withdrawRequests.map((request) => request.key));

  describe('the token', () => {
    test('is taken out of the address bar and survives a reload', async () => {
      await openReady();

      assert.equal(new URL(page.url()).hash, '#/');
      await page.reload();
      await shows(page, '#balance', '128.00');
    });

    test('is asked for when there is none', async () => {
      await open('');

      await page.locator('#login-needed', { hasText: '请从小程序或 App 打开' }).waitFor();
      await picture(page, 'login-needed');
    });

    test('that expired leads to 「登录已过期」', async () => {
      mayComplain = /status of 401/;

      await open('#token=aaa.bbb.ccc');

      await page.locator('#login-needed', { hasText: '登录已过期，请重新打开页面' }).waitFor();
    });

    test('that arrives in the open page is taken as well', async () => {
      await open('');
      await page.locator('#login-needed').waitFor();

      await open();

      await shows(page, '#balance', '128.00');
      assert.equal(new URL(page.url()).hash, '#/');
    });
  });

  describe('the amount', () => {
    test('shows its limits, refuses with a hint and keeps the button off', async () => {
      await openReady();
      await picture(page, 'home');
      assert.equal(await text('#amount-hint'), '最低 1.00 元，单笔最高 200.00 元');

      const table = [
        ['0.50', '最低提现 1.00 元'],
        ['128.01', '超过可提现余额'],
        ['1.234', '最多输入两位小数'],
        ['abc', '请输入正确的金额，例如 12.34'],
      ];
      for (const [amount, words] of table) {
        await page.fill('#amount', amount);
        assert.equal(await text('#amount-error'), words);
        assert.equal(await page.locator('#withdraw').isDisabled(), true);
      }
      await picture(page, 'home-refused');
    });

    test('"12." is not sent but hinted at', async () => {
      await openReady();

      await page.fill('#amount', '12.');
      await page.press('#amount', 'Enter');

      assert.equal(await text('#amount-hint'), '请补全小数，例如 12.30');
      assert.equal(await page.locator('#dialog').count(), 0);
    });

    test('takes no third decimal and no letter from the keyboard, and a Chinese full stop as a point', async () => {
      await openReady();

      await page.locator('#amount').pressSequentially('1x2.3a45');
      assert.equal(await page.inputValue('#amount'), '12.34');
      await page.fill('#amount', '7。5');
      assert.equal(await page.inputValue('#amount'), '7.5');
    });

    test('「全部提现」 fills in the whole balance', async () => {
      await openReady();

      await page.click('#withdraw-all');

      assert.equal(await page.inputValue('#amount'), '128.00');
      assert.equal(await page.locator('#withdraw').isEnabled(), true);
    });

    test('「全部提现」 stops at the single maximum and says so', async () => {
      fake.singleMax = '50.00';
      await openReady();

      await page.click('#withdraw-all');

      assert.equal(await page.inputValue('#amount'), '50.00');
      assert.match(await text('#amount-hint'), /单笔最高 50\.00 元/);
    });
  });

  describe('limits and fees', () => {
    test('say why less than the balance can go, and what today leaves', async () => {
      fake.limits = {
        withdrawable: '50.00', bound_by: 'day_amount', bound_by_message: '今日额度还剩 50.00 元，明天恢复',
        day_left: '50.00', day_count_left: 2, month_left: '300.00',
      };
      await openReady();

      assert.equal(await text('#amount-hint'), '今日额度还剩 50.00 元，明天恢复');
      assert.equal(await text('#left'), '今日还可提现 50.00 元、2 次；本月还可提现 300.00 元');
      await page.click('#withdraw-all');
      assert.equal(await page.inputValue('#amount'), '50.00');
      await picture(page, 'home-limited');
    });

    test('that leave nothing keep the button off and say when to come again', async () => {
      fake.limits = { withdrawable: '0.00', bound_by: 'day_count', bound_by_message: '今日提现次数已用完，请明天再提现', day_count_left: 0 };
      await openReady();

      await page.fill('#amount', '5');

      assert.equal(await text('#amount-error'), '今日提现次数已用完，请明天再提现');
      assert.equal(await page.locator('#withdraw').isDisabled(), true);
      assert.equal(await page.locator('#withdraw-all').isDisabled(), true);
      await picture(page, 'home-nothing-left');
    });

    test('show the fee and what leaves the balance before the user agrees', async () => {
      fake.fee = '0.60';
      await openReady();

      await page.fill('#amount', '12.3');
      await page.click('#withdraw');
      await page.locator('#dialog').waitFor();

      assert.match(await text('#dialog'), /手续费0\.60 元余额扣除12\.90 元/);
      await picture(page, 'dialog-fee');
    });

    test('that others used up meanwhile are explained beside the amount', async () => {
      mayComplain = /status of 422/;
      fake.troubles = [FakeServer.refusal(422, 'limit_reached', 'the limit day_count is reached', 'day_count')];
      await openReady();

      await withdraw('5');

      await shows(page, '#amount-error', '今日提现次数已用完，请明天再提现');
    });
  });

  describe('the real name', () => {
    const openRich = async () => {
      fake.available = 500_000n;
      fake.singleMax = '5000.00';
      fake.limits = { real_name_from: '2000.00' };
      await open();
      await shows(page, '#balance', '5000.00');
    };

    test('is asked for from the amount on from which WeChat wants it, shown before the user agrees, and sent', async () => {
      await openRich();
      await page.fill('#amount', '1999.99');
      assert.equal(await page.locator('#name-row').isVisible(), false);
      assert.equal(await page.locator('#withdraw').isDisabled(), false);

      await page.fill('#amount', '2000');
      assert.equal(await page.locator('#withdraw').isDisabled(), true);
      await page.fill('#real-name', ' 欧阳修 ');
      await picture(page, 'home-name');
      await page.click('#withdraw');
      await page.locator('#dialog').waitFor();
      assert.match(await text('#dialog'), /收款人欧阳修/);
      await page.click('#dialog-ok');

      await progressIs(page, 'accepted');
      assert.deepEqual(JSON.parse(fake.withdrawRequests.at(-1).body), { amount: '2000.00', real_name: '欧阳修' });
      assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage).includes('欧阳修')), false);
    });

    test('is not sent below that amount, though it was typed', async () => {
      await openRich();
      await page.fill('#amount', '2000');
      await page.fill('#real-name', '欧阳修');

      await withdraw('12.30');

      await progressIs(page, 'accepted');
      assert.deepEqual(JSON.parse(fake.withdrawRequests.at(-1).body), { amount: '12.30' });
    });
  });

  describe('a withdrawal', () => {
    test('in review says so', async () => {
      const withdrawal = fake.add('20.00', 'in_review');
      await openWithdrawal(withdrawal);

      await shows(page, '.stages__sentence', '正在审核，通过后自动提交');
      await picture(page, 'in-review');
    });

    test('goes step by step to 「即时到账」 and the new balance, and into the history', async () => {
      await openReady();
      await page.fill('#amount', '12.3');
      await page.click('#withdraw');
      await page.locator('#dialog').waitFor();
      assert.equal(await text('#dialog-amount'), '12.30');
      await picture(page, 'dialog');
      await page.click('#dialog-ok');

      await progressIs(page, 'accepted');
      const [withdrawal] = fake.history;
      assert.equal(new URL(page.url()).hash, `#/w/${withdrawal.withdraw_id}`);
      fake.move(withdrawal, 'submitted');
      await progressIs(page, 'submitted');
      fake.move(withdrawal, 'awaiting_confirmation');
      await progressIs(page, 'awaiting_confirmation');
      await picture(page, 'progress');
      const opened = phone.context.waitForEvent('page');
      await page.click('#confirm-receipt');
      const sandbox = await opened;
      await sandbox.click('#confirm');
      await sandbox.locator('#done').waitFor();
      await sandbox.close();
      await progressIs(page, 'transferring');
      fake.move(withdrawal, 'succeeded');

      await page.locator('#success', { hasText: '即时到账' }).waitFor();
      assert.equal(await text('#success-amount'), '12.30');
      await shows(page, '#success-balance', '115.70');
      await picture(page, 'success');
      await page.click('#back-home');
      await shows(page, '#balance', '115.70');
      await page.goto(`${fake.origin}/#/history`);
      await page.locator(`.history-row[data-id="${withdrawal.withdraw_id}"]`, { hasText: '已到账' }).waitFor();
      assert.deepEqual(fake.withdrawRequests.map((request) => JSON.parse(request.body)), [{ amount: '12.30' }]);
    });

    test('keeps its screen over a reload, and the way back leads home', async () => {
      await openReady();
      await withdraw('5');
      await progressIs(page, 'accepted');

      await page.reload();
      await progressIs(page, 'accepted');
      await page.goBack();
      await shows(page, '#balance', '123.00');
      await shows(page, '#held', '5.00 元');
    });

    test('is not sent when the dialog is refused', async () => {
      await openReady();
      await page.fill('#amount', '5');
      for (const refuse of [() => page.click('#dialog-cancel'), () => page.keyboard.press('Escape')]) {
        await page.click('#withdraw');
        await page.locator('#dialog').waitFor();
        await refuse();
        await page.locator('#dialog').waitFor({ state: 'detached' });
      }

      assert.equal(fake.withdrawRequests.length, 0);
      assert.equal(await page.inputValue('#amount'), '5');
    });

    test('that fails says why, what to do, and that the money is back', async () => {
      const withdrawal = fake.add('20.00');
      fake.move(withdrawal, 'failed', {
        error_code: 'REAL_NAME_CHECK_FAIL', error_message: '微信实名信息与预留姓名不一致，请更新姓名后重新提现',
      });
      await openWithdrawal(withdrawal);

      await shows(page, '#failure-reason', '微信实名信息与预留姓名不一致，请更新姓名后重新提现');
      await page.locator('#failure', { hasText: '20.00 元已退回可提现余额' }).waitFor();
      await shows(page, '#balance-after', '128.00');
      await picture(page, 'failure');
      await page.click('#back-home');
      await shows(page, '#balance', '128.00');
    });

    test('that fails without a sentence from the server still has words', async () => {
      const withdrawal = fake.add('20.00');
      fake.move(withdrawal, 'failed', { error_code: 'OVERDUE_CLOSE' });
      await openWithdrawal(withdrawal);

      await shows(page, '#failure-reason', '未在规定时间内确认收款，请重新提现并及时确认');
    });

    test('can be cancelled after a second question', async () => {
      const withdrawal = fake.add('20.00', 'awaiting_confirmation');
      await openWithdrawal(withdrawal);

      await page.click('#cancel-withdrawal');
      await page.click('#dialog-ok');
      await progressIs(page, 'cancelling');
      assert.equal(await page.locator('#cancel-withdrawal').isHidden(), true);
      fake.move(withdrawal, 'cancelled');

      await progressIs(page, 'cancelled');
      await page.locator('#cancelled', { hasText: '20.00 元已退回可提现余额' }).waitFor();
    });

    test('that ended meanwhile cannot be cancelled and shows its end', async () => {
      mayComplain = /status of 409/;
      const withdrawal = fake.add('20.00', 'awaiting_confirmation');
      await openWithdrawal(withdrawal);
      await page.click('#cancel-withdrawal');
      fake.move(withdrawal, 'succeeded');
      await page.click('#dialog-ok').catch(() => {});  // the page may have seen the end first

      await page.locator('#success').waitFor();
    });

    test('without a sandbox page asks to continue in WeChat on the phone', async () => {
      fake.withSandboxPage = false;
      const withdrawal = fake.add('20.00', 'awaiting_confirmation');
      await openWithdrawal(withdrawal);

      await page.locator('.actions__note', { hasText: '请在手机微信中打开本页确认收款' }).waitFor();
      assert.equal(await page.locator('#confirm-receipt').count(), 0);
    });

    test('inside WeChat is confirmed over the bridge, whose answer counts for nothing', async () => {
      await page.addInitScript(() => {
        window.asked = [];
        window.WeixinJSBridge = {
          invoke(name, request, answer) {
            window.asked.push([name, request]);
            answer({ err_msg: `${name}:ok` });
          },
        };
      });
      const withdrawal = fake.add('20.00', 'awaiting_confirmation');
      await openWithdrawal(withdrawal);

      await page.click('#confirm-receipt');

      const request = { mchId: '1900000001', appId: 'wx0000000000000001', package: `pkg-${withdrawal.withdraw_id}` };
      assert.deepEqual(await page.evaluate(() => window.asked), [['requestMerchantTransfer', request]]);
      await progressIs(page, 'awaiting_confirmation');
      assert.equal(await page.locator('#success').count(), 0);
    });

    test('never opens an address that would run as script', async () => {
      const withdrawal = fake.add('20.00', 'awaiting_confirmation');
      withdrawal.confirm.page = 'javascript:document.title="owned"';
      await openWithdrawal(withdrawal);

      await page.locator('.actions__note', { hasText: '请在手机微信中打开本页确认收款' }).waitFor();
      assert.equal(await page.locator('#confirm-receipt').count(), 0);
    });

    test('that does not exist is said to be missing', async () => {
      mayComplain = /status of 404/;
      await openWithdrawal({ withdraw_id: 'WD20250101123456FFFFFFFFFFFF' });

      await page.locator('#failure', { hasText: '没有找到这笔提现' }).waitFor();
    });

    test('shows what the server says as text, never as markup', async () => {
      const evil = '<img src=x onerror="document.title=\'owned\'"><b>粗</b>';
      const withdrawal = fake.add('20.00', 'waiting', { progress_message: evil });
      await openWithdrawal(withdrawal);
      await page.locator('.stages__sentence', { hasText: '<b>粗</b>' }).waitFor();

      fake.move(withdrawal, 'failed', { error_message: evil });
      await shows(page, '#failure-reason', evil);

      assert.equal(await page.locator('#view img, #view b').count(), 0);
      assert.equal(await page.title(), '提现详情');
    });

    test('goes on by itself after the network was away', async () => {
      mayComplain = /ERR_INTERNET_DISCONNECTED/;
      const withdrawal = fake.add('20.00', 'submitted');
      await openWithdrawal(withdrawal);
      await progressIs(page, 'submitted');

      await phone.context.setOffline(true);
      await page.locator('#network', { hasText: '网络已断开' }).waitFor();
      fake.move(withdrawal, 'transferring');
      await phone.context.setOffline(false);

      await progressIs(page, 'transferring');
      await page.locator('#network').waitFor({ state: 'hidden' });
    });
  });

  describe('without an answer', () => {
    const IN_DOUBT = '网络不稳定，正在确认结果，请勿重复提交';

    test('the same key is sent again, and one withdrawal comes of it', async () => {
      mayComplain = /ERR_EMPTY_RESPONSE/;
      fake.troubles = ['commit_and_drop', 'drop', 'drop'];
      await openReady();

      await withdraw('12.34');
      await shows(page, '.stages__sentence', IN_DOUBT);
      await progressIs(page, 'accepted');

      assert.ok(fake.withdrawRequests.length > 1);
      assert.equal(keysSent().size, 1);
      assert.equal(fake.history.length, 1);
    });

    test('a 503 is treated like no answer', async () => {
      mayComplain = /status of 503/;
      fake.troubles = [FakeServer.refusal(503, 'commit_in_doubt', 'try again with the same key')];
      await openReady();

      await withdraw('12.34');
      await progressIs(page, 'accepted');

      assert.equal(fake.withdrawRequests.length, 2);
      assert.equal(keysSent().size, 1);
    });

    test('the button to ask again, a reload and the way home all keep the key', async () => {
      mayComplain = /ERR_EMPTY_RESPONSE/;
      fake.down = true;
      await openReady();
      await withdraw('12.34');
      await page.locator('#retry-submit').waitFor();
      await picture(page, 'in-doubt');

      await page.reload();
      await shows(page, '.stages__sentence', IN_DOUBT);
      await page.goto(`${fake.origin}/#/`);
      await page.locator('#submitting').waitFor();
      assert.equal(await page.locator('#amount').count(), 0);
      await page.locator('#retry-submit').waitFor();
      fake.down = false;
      await page.click('#retry-submit');

      await progressIs(page, 'accepted');
      assert.equal(keysSent().size, 1);
      assert.equal(fake.history.length, 1);
    });

    test('an expired token keeps the key for the same user', async () => {
      mayComplain = /status of 401/;
      fake.troubles = [FakeServer.refusal(401, 'unauthorized', 'token expired')];
      await openReady();
      await withdraw('12.34');
      await page.locator('#login-needed').waitFor();

      await open();

      await progressIs(page, 'accepted');
      assert.equal(keysSent().size, 1);
    });

    test('an answer ends the key: the next withdrawal has another', async () => {
      await openReady();
      await withdraw('2');
      await progressIs(page, 'accepted');
      await page.click('#back-home');
      await shows(page, '#balance', '126.00');
      await withdraw('2');
      await progressIs(page, 'accepted');

      assert.equal(keysSent().size, 2);
    });
  });

  describe('a refusal', () => {
    const table = [
      [422, 'invalid_amount', '请输入正确的金额，例如 12.34'],
      [422, 'amount_below_minimum', '最低提现 1.00 元'],
      [422, 'amount_above_maximum', '单笔最高 200.00 元'],
      [422, 'insufficient_funds', '可提现余额不足'],
      [409, 'idempotency_mismatch', '这次提交与之前的不一致，请重新提现'],
      [400, 'malformed', '提交的内容有误，请刷新页面后重试'],
      [429, 'daily_limit_reached', '今日提现次数已用完'],
      [422, 'constructor', '今日提现次数已用完'],
    ];
    for (const [status, code, words] of table) {
      test(`${code} is explained beside the amount, which stays`, async () => {
        mayComplain = new RegExp(`status of ${status}`);
        fake.troubles = [FakeServer.refusal(status, code, '今日提现次数已用完', 'amount')];
        await openReady();

        await withdraw('12.34');

        await shows(page, '#amount-error', words);
        assert.equal(await page.inputValue('#amount'), '12.34');
        assert.equal(fake.withdrawRequests.length, 1);
      });
    }
  });

  describe('the history', () => {
    test('that is empty says so', async () => {
      await openReady();
      await page.click('.balance__history');

      await page.locator('#history', { hasText: '还没有提现记录' }).waitFor();
      assert.equal(await page.locator('#load-more').isHidden(), true);
      await picture(page, 'history-empty');
    });

    test('loads on by the cursor, and a row opens its withdrawal', async () => {
      const kinds = ['succeeded', 'cancelled', 'failed', 'awaiting_confirmation', 'submitted'];
      for (let count = 0; count < 45; ++count) fake.add('1.00', kinds[count % kinds.length]);
      await open();
      await page.click('.balance__history');
      await page.locator('.history-row').nth(19).waitFor();
      await picture(page, 'history');

      await page.click('#load-more');
      await page.locator('.history-row').nth(39).waitFor();
      await page.click('#load-more');
      await page.locator('.history-row').nth(44).waitFor();
      await page.locator('#load-more').waitFor({ state: 'hidden' });

      const ids = await page.locator('.history-row').evaluateAll((rows) => rows.map((row) => row.dataset.id));
      assert.deepEqual(ids, fake.history.map((withdrawal) => withdrawal.withdraw_id));
      await page.click(`.history-row[data-id="${ids[44]}"]`);
      await progressIs(page, 'succeeded');
    });
  });

  test('fits a narrow phone and a desktop without scrolling sideways', async () => {
    const withdrawal = fake.add('20.00', 'awaiting_confirmation');
    for (const width of [320, 375, 430, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      for (const hash of [`#token=${TOKEN}`, '#/history', `#/w/${withdrawal.withdraw_id}`]) {
        await open(hash);
        await page.locator('#balance, .history-row, #confirm-receipt').first().waitFor();
        const [inner, outer] = await page.locator('html').evaluate((root) => [root.scrollWidth, root.clientWidth]);
        assert.ok(inner <= outer, `${hash} at ${width}: ${inner} > ${outer}`);
      }
    }
  });
});
