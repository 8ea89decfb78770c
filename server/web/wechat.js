// SPDX-License-Identifier: MIT
// Handing over to WeChat's own page where the user confirms the receipt. What comes back only says whether that page was
// shown: whether money moved is known from the server alone.

const BRIDGE_WAIT_MS = 3000;

const insideWeChat = () => /MicroMessenger/i.test(navigator.userAgent);

/** 'wechat' opens WeChat's page here, 'page' is the sandbox's in a new tab, 'phone' cannot be done in this browser. */
export function wayToConfirm(confirm) {
  if (window.WeixinJSBridge || window.wx?.requestMerchantTransfer || insideWeChat()) return 'wechat';
  return sandboxPage(confirm) ? 'page' : 'phone';
}

/** The sandbox's page, if it is an ordinary web address: a `javascript:` one would run here. */
export function sandboxPage(confirm) {
  try {
    const url = new URL(confirm.page);
    return ['http:', 'https:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function bridge() {
  if (window.WeixinJSBridge) return Promise.resolve(window.WeixinJSBridge);
  return new Promise((resolve) => {
    document.addEventListener('WeixinJSBridgeReady', () => resolve(window.WeixinJSBridge), { once: true });
    setTimeout(() => resolve(null), BRIDGE_WAIT_MS);
  });
}

/** Resolves to 'shown', 'closed' or 'unavailable'. */
export async function openInWeChat({ mch_id: mchId, app_id: appId, package: packageInfo }) {
  const request = { mchId, appId, package: packageInfo };
  if (window.wx?.requestMerchantTransfer) {
    return new Promise((resolve) => {
      window.wx.requestMerchantTransfer({ ...request, success: () => resolve('shown'), fail: () => resolve('unavailable') });
    });
  }
  const ready = await bridge();
  if (!ready) return 'unavailable';
  return new Promise((resolve) => {
    ready.invoke('requestMerchantTransfer', request, (result) => {
      const said = String(result?.err_msg ?? '');
      if (said.endsWith(':ok')) resolve('shown');
      else resolve(said.endsWith(':cancel') ? 'closed' : 'unavailable');
    });
  });
}
