// SPDX-License-Identifier: MIT
// Asks the mock a few times a second and hands out what is new.
import { get, post } from './api.js';
import { showBills } from './bills.js';
import { refreshFaults, startFaults } from './faults.js';
import { clearRows, filterRows, showChange, showEntry } from './sequence.js';
import { showVerdicts } from './verdicts.js';
import { clockOf, make } from './words.js';

const every = 700;
const filter = document.querySelector('#filter');
const states = new Map();
let lastId = 0;

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function openDetails(entry) {
  const block = (title, text) => (text ? [make('h3', '', title), make('pre', '', pretty(text))] : []);
  const facts = [`${entry.status || 'no answer'}`, `${entry.took_ms} ms`, entry.request_id, entry.believable ? 'verifies' : 'does not verify'];
  document.querySelector('#details-body').replaceChildren(
    make('h2', '', `${entry.method} ${entry.path}`),
    make('p', 'small', facts.filter(Boolean).join(' · ')),
    make('p', '', ...entry.faults.map((fault) => make('span', 'fault', fault))),
    ...block(entry.kind === 'request' ? 'Request 请求' : 'What it tells (encrypted on the wire) 通知明文', entry.body),
    ...block('Answer 应答', entry.answer));
  document.querySelector('#details').showModal();
}

function seeChanges(bills) {
  const changes = [];
  for (const bill of bills) {
    const key = `${bill.mchid}/${bill.transfer_bill_no}`;
    const from = states.get(key);
    if (from !== bill.state) changes.push({ number: bill.out_bill_no, from, to: bill.state, time: bill.update_time });
    states.set(key, bill.state);
  }
  return changes;
}

// A mock that was started again counts from one; what an older one said stays in view.
async function noticeRestart() {
  const [newest] = await get('journal?limit=1');
  if (newest && newest.id < lastId) lastId = 0;
}

async function refresh() {
  const [entries, bills, verdicts, time] = await Promise.all([
    get(`journal?since=${lastId}&limit=500`), get('bills'), get('verdicts'), get('time'), refreshFaults(),
  ]);
  for (const entry of entries) {
    showEntry(entry, openDetails);
    lastId = entry.id;
  }
  if (entries.length === 0) await noticeRestart();
  const changes = seeChanges(bills);
  for (const change of changes) showChange(change);
  if (entries.length + changes.length > 0) filterRows(filter.value);
  document.querySelector('#nothing').hidden = document.querySelector('#rows').children.length > 0;
  showBills(bills, filter.value, complain);
  showVerdicts(verdicts);
  document.querySelector('#business-time').textContent = `${time.business.slice(0, 10)} ${clockOf(time.business).slice(0, 8)}`;
  document.querySelector('#ahead').textContent = time.ahead === '0s' ? '' : `${time.ahead} ahead`;
}

function complain(error) {
  const offline = document.querySelector('#offline');
  offline.textContent = error instanceof TypeError ? 'The mock does not answer. Trying again …' : error.message;
  offline.hidden = false;
}

async function run() {
  for (;;) {
    try {
      await refresh();
      document.querySelector('#offline').hidden = true;
    } catch (error) {
      complain(error);
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

function selectTab(tab) {
  for (const other of document.querySelectorAll('[role=tab]')) {
    other.setAttribute('aria-selected', String(other === tab));
    document.querySelector(`#${other.getAttribute('aria-controls')}`).hidden = other !== tab;
  }
}

for (const tab of document.querySelectorAll('[role=tab]')) tab.addEventListener('click', () => selectTab(tab));
for (const jump of document.querySelectorAll('[data-advance]')) {
  jump.addEventListener('click', () => post('time', { advance: jump.dataset.advance }).catch(complain));
}
filter.addEventListener('input', () => filterRows(filter.value));
document.querySelector('#reset').addEventListener('click', async () => {
  await post('reset').catch(complain);
  states.clear();
  clearRows();
});

await startFaults();
run();
