// SPDX-License-Identifier: MIT
// A phone with the system's Chromium, and waiting that is always bounded.
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { chromium } = createRequire(new URL('../../server/web/package.json', import.meta.url))('playwright-core');

const QUIET = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: 'zh-CN' };

export function launch() {
  return chromium.launch({ executablePath: process.env.TIXIAN_CHROMIUM ?? '/usr/bin/chromium', args: QUIET });
}

/** A fresh tab with a session of its own; what it complains about is kept in `complaints`. */
export async function openPhone(browser, { timeout = 10_000, ...more } = {}) {
  const context = await browser.newContext({ ...PHONE, ...more });
  context.setDefaultTimeout(timeout);
  const complaints = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  });
  const page = await context.newPage();
  return { context, page, complaints };
}

/** Waits for exactly this text. Locators run under the page's content security policy, which forbids eval. */
export function shows(page, selector, text) {
  const exactly = new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
  return page.locator(selector, { hasText: exactly }).waitFor();
}

export function progressIs(page, progress) {
  return page.locator(`#progress[data-progress="${progress}"]`).waitFor();
}

/** A picture of this stage in $TIXIAN_SCREENSHOTS, after its animations came to rest. */
export async function picture(page, name) {
  const folder = process.env.TIXIAN_SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
