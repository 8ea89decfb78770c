// SPDX-License-Identifier: MIT
// The control API, as the page uses it.

async function ask(method, path, body) {
  const answer = await fetch(`/_mock/${path}`, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.message ?? `HTTP ${answer.status}`);
  return value;
}

export const get = (path) => ask('GET', path);
export const post = (path, body = {}) => ask('POST', path, body);
export const remove = (path) => ask('DELETE', path);

/** What people do with a bill goes to its own merchant. */
export function act(bill, what) {
  return post(`bills/${bill.out_bill_no}/${what}?mchid=${bill.mchid}`);
}
