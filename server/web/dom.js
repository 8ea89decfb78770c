// SPDX-License-Identifier: MIT
// Elements are made here and nowhere from text: what a server says can only ever become a text node.

/** el('p', { class: 'x', onclick: f }, 'text', node): a handler for `on…`, else an attribute; null and false are left out. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === false || value === undefined) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  back: ['0 0 24 24', 'M15 4.5 7.5 12l7.5 7.5'],
  next: ['0 0 24 24', 'M9 5l7 7-7 7'],
  check: ['0 0 64 64', 'M18 33.5 28 43.5 47 23'],
  cross: ['0 0 64 64', 'M32 17v20M32 46.5v.5'],
  undo: ['0 0 64 64', 'M22 20l-9 9 9 9M14 29h22a11 11 0 0 1 0 22h-6'],
  lock: ['0 0 64 64', 'M22 29v-6a10 10 0 0 1 20 0v6M18 29h28v20H18z'],
  list: ['0 0 64 64', 'M18 14h28v36l-5-4-4.5 4-4.5-4-4.5 4-4.5-4-5 4zM25 25h14M25 33h14'],
};

/** Drawn in the document, since a style sheet's `data:` pictures would need a wider content security policy. */
export function icon(name, style = '') {
  const [box, path] = ICONS[name];
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', box);
  svg.setAttribute('class', `icon ${style}`);
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  line.setAttribute('pathLength', '1');
  svg.append(line);
  return svg;
}

/** A title that takes the focus when its view opens, so that a screen reader says where it is. */
export function title(text, ...before) {
  return el('header', { class: 'title' }, ...before, el('h1', { class: 'title__text', tabindex: '-1' }, text));
}

export function backLink(id = 'back-home') {
  return el('a', { id, class: 'title__back', href: '#/', 'aria-label': '返回首页' }, icon('back'));
}

/** Changes text only where it differs: a live region would read an equal text again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A grey bar of the size of what will stand there, so that nothing moves when it does. */
export function skeleton(style = '') {
  return el('span', { class: `skeleton ${style}`, 'aria-hidden': 'true' });
}

/** A sentence that breaks after its commas first: Chinese lines otherwise break within a word. */
export function clauses(text) {
  return (text.match(/[^，。；！]+[，。；！]*/g) ?? [text]).map((clause) => el('span', { class: 'clause' }, clause));
}

/** One line of a list of facts. */
export function fact(label, value, style = '') {
  return el('div', { class: 'fact' }, el('dt', { class: 'fact__label' }, label), el('dd', { class: `fact__value ${style}` }, value));
}

export function yuan(id, value, style) {
  return el('p', { class: `yuan ${style}` }, el('span', { class: 'yuan__sign', 'aria-hidden': 'true' }, '¥'), el('span', { id }, value));
}
