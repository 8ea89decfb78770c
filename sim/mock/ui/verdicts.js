// SPDX-License-Identifier: MIT
// The client's sins, each with the rows that show it.
import { pointAt } from './sequence.js';
import { SINS, button, chinese, make } from './words.js';

const panel = document.querySelector('#verdicts');
let shown = null;

function card(verdict) {
  const [english, translation] = SINS[verdict.sin] ?? [verdict.sin, ''];
  const element = make('article', 'verdict',
    make('h2', '', english, ' ', chinese(translation)),
    make('p', '', verdict.number ? make('code', '', verdict.number) : '', ' ', verdict.sentence, '.'),
    make('div', 'actions', ...verdict.evidence.map((id) => button(`row ${id}`, () => pointAt(id)))));
  element.dataset.sin = verdict.sin;
  return element;
}

export function showVerdicts(verdicts) {
  const text = JSON.stringify(verdicts);
  if (text === shown) return;
  shown = text;
  const count = document.querySelector('#verdict-count');
  count.textContent = verdicts.length || '';
  panel.replaceChildren(...verdicts.map(card));
  if (verdicts.length === 0) {
    panel.append(make('p', 'empty', 'No sin so far. A second number for a live debt, a retry with changed content, belief in a forgery and the like would stand here.'));
  }
}
