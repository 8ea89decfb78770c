// SPDX-License-Identifier: MIT
// Faults: what the catalogue holds, what is switched on, and how often it fired.
import { get, post, remove } from './api.js';
import { button, make } from './words.js';

const form = document.querySelector('#new-fault');
const list = document.querySelector('#fault-list');
const problem = document.querySelector('#fault-problem');
let rows = [];
let shown = '';

function option(value, text = value) {
  const element = make('option', '', text);
  element.value = value;
  return element;
}

function chosen() {
  return rows.find((row) => row.name === form.fault.value);
}

function parameterInput(parameter) {
  const input = make('input');
  input.name = `with-${parameter.name}`;
  if (parameter.type === 'flag') {
    input.type = 'checkbox';
    input.checked = parameter.default;
  } else {
    input.value = parameter.default;
    input.title = parameter.min === undefined ? 'text' : `${parameter.min} to ${parameter.max}`;
  }
  return make('label', '', `${parameter.name} `, input);
}

function showChosen() {
  const row = chosen();
  document.querySelector('#fault-sentence').textContent = row.sentence;
  document.querySelector('#fault-parameters').replaceChildren(...row.parameters.map(parameterInput));
  form.endpoint.replaceChildren(option('', 'all it can'), ...row.endpoints.map((endpoint) => option(endpoint)));
}

function parameterValue(parameter) {
  const input = form.elements[`with-${parameter.name}`];
  if (parameter.type === 'flag') return input.checked;
  return parameter.type === 'number' ? Number(input.value) : input.value;
}

function ruleFromForm(taken) {
  const row = chosen();
  let name = row.name;
  for (let i = 2; taken.has(name); ++i) name = `${row.name}-${i}`;
  const rule = { name, fault: row.name, probability: form.probability.value, with: {} };
  for (const parameter of row.parameters) rule.with[parameter.name] = parameterValue(parameter);
  if (form.endpoint.value) rule.match = { endpoint: form.endpoint.value };
  if (form.count.value) rule.count = Number(form.count.value);
  return rule;
}

function describe(rule) {
  const parts = [rule.probability];
  if (rule.match?.endpoint) parts.push(`of ${rule.match.endpoint.join(', ')}`);
  for (const key of ['number', 'openid', 'mchid']) if (rule.match?.[key]) parts.push(`${key} ${rule.match[key]}`);
  if (rule.count !== undefined) parts.push(`at most ${rule.count} times`);
  return parts.join(' ');
}

function item(rule, refresh) {
  const toggle = make('input');
  toggle.type = 'checkbox';
  toggle.checked = rule.enabled;
  toggle.setAttribute('role', 'switch');
  toggle.setAttribute('aria-label', `${rule.name} is on`);
  toggle.addEventListener('change', () => post(`faults/${rule.name}/${toggle.checked ? 'enable' : 'disable'}`).then(refresh));
  const element = make('li', rule.enabled ? '' : 'off',
    toggle,
    make('div', 'grow', make('b', '', rule.name), make('p', 'small', describe(rule))),
    make('span', 'fired', `fired ${rule.fired} of ${rule.met}`),
    button('✕', () => remove(`faults/${encodeURIComponent(rule.name)}`).then(refresh), 'quiet'));
  element.dataset.rule = rule.name;
  return element;
}

export async function refreshFaults() {
  const { faults } = await get('faults');
  const own = faults.filter((rule) => !rule.name.startsWith('magic:'));
  const text = JSON.stringify(own);
  if (text === shown) return;
  shown = text;
  document.querySelector('#fault-count').textContent = own.filter((rule) => rule.enabled).length || '';
  list.replaceChildren(...own.map((rule) => item(rule, refreshFaults)));
}

function magicRow(row) {
  const key = row.fen ? `${(row.fen / 100).toFixed(2)} yuan` : row.openid;
  return make('tr', '', make('td', '', make('code', '', key)), make('td', '', row.sentence));
}

export async function startFaults() {
  rows = await get('catalogue');
  for (const kind of ['transport', 'domain']) {
    const group = make('optgroup');
    group.label = kind === 'transport' ? 'transport 网络' : 'domain 业务';
    group.append(...rows.filter((row) => row.kind === kind).map((row) => option(row.name, row.name.replaceAll('_', ' '))));
    form.fault.append(group);
  }
  form.fault.value = 'answer_lost';
  showChosen();
  form.fault.addEventListener('change', showChosen);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    problem.textContent = '';
    try {
      const { faults } = await get('faults');
      await post('faults', ruleFromForm(new Set(faults.map((rule) => rule.name))));
      await refreshFaults();
    } catch (error) {
      problem.textContent = error.message;
    }
  });
  document.querySelector('#magic').append(...(await get('magic')).map(magicRow));
}
