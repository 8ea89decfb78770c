// SPDX-License-Identifier: MIT
// Looks at a page of tixian-sim in headless Chromium: node report_check.mjs failing|run PAGE. Leaves PAGE.png.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';

import { launch, openPhone } from '../web/browser.mjs';

const [kind, path] = process.argv.slice(2);
const browser = await launch();
try {
  const { page, complaints } = await openPhone(browser, { viewport: { width: 1180, height: 900 }, isMobile: false, deviceScaleFactor: 1 });
  await page.goto(pathToFileURL(path).href);
  await page.screenshot({ path: path.replace(/\.html$/, '.png'), fullPage: true });

  const pictures = kind === 'failing' ? ['#sequence', '#money', '#verdict', '#broken'] : ['#mishaps', '#coverage'];
  for (const picture of pictures) {
    const box = await page.locator(picture).boundingBox();
    assert.ok(box && box.width > 400 && box.height > 15, `${picture} is not visible`);
    assert.ok(box.x >= 0 && box.x + box.width <= 1180, `${picture} does not fit the page`);
  }
  if (kind === 'failing') {
    for (const lane of ['Users and operators', 'Service', 'Ledger', 'Network', 'WeChat'])
      assert.ok(await page.locator('#sequence .lane', { hasText: new RegExp(`^${lane}$`) }).isVisible(), `lane ${lane}`);
    assert.ok((await page.locator('#sequence path.arrow').count()) >= 3, 'no arrows');
    assert.match(await page.locator('#verdict').textContent(), /R4 broke/);
    assert.match(await page.locator('#sequence').textContent(), /R4 breaks here/);
  } else {
    assert.ok((await page.locator('#coverage rect').count()) > 20, 'no coverage');
  }
  assert.deepEqual(complaints, []);
} finally {
  await browser.close();
}
