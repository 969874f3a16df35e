// SPDX-License-Identifier: BSD-3-Clause
// Copyright (C) 2026 The libdatamem authors

// node flame-script.js FILE: runs the script of a flame graph on a document that
// has what it asks for, and clicks, searches and presses Escape.
'use strict';
const fs = require('fs');
const assert = require('assert');

const svg = fs.readFileSync(process.argv[2], 'utf8');
const script = svg.match(/<!\[CDATA\[([\s\S]*?)\]\]>/)[1];

function element(text) {
	const attributes = {}, listeners = {}, classes = new Set();

	return {
		attributes, listeners, classes, style: {}, textContent: text || '',
		getAttribute: (name) => attributes[name],
		setAttribute: (name, value) => { attributes[name] = value; },
		addEventListener: (name, f) => { listeners[name] = f; },
		classList: {
			toggle: (name, on) => {
				if (on) classes.add(name);
				else classes.delete(name);
			},
		},
	};
}

const frames = [];
const pattern = /<g class="f" data-x="([^"]*)" data-w="([^"]*)" data-d="([^"]*)"><title>([^<]*)<\/title>/g;
for (const [, x, w, d, title] of svg.matchAll(pattern)) {
	const parts = { title: element(title), rect: element(), text: element() };
	const g = element();

	Object.assign(g.attributes, { 'data-x': x, 'data-w': w, 'data-d': d });
	g.querySelector = (name) => parts[name];
	g.parts = parts;
	g.name = title.split('\n')[0];
	frames.push(g);
}
assert(frames.length > 1);

const named = {};
for (const name of ['reset', 'search', 'found', 'detail'])
	named[name] = element();
const document = { documentElement: {
	querySelectorAll: () => frames,
	getElementById: (name) => named[name],
} };
const keys = {};
const window = { addEventListener: (name, f) => { keys[name] = f; } };
let answer = null;

new Function('document', 'window', 'prompt', script)(document, window,
	() => answer);

const shown = () => frames.filter((f) => f.style.display !== 'none');
const leaf = frames.find((f) => f.name.startsWith('step '));
leaf.listeners.click();
assert.strictEqual(leaf.parts.rect.attributes.width, 1180);
assert(shown().length < frames.length);
assert.strictEqual(named.reset.style.display, '');
keys.keydown({ key: 'Escape' });
assert.strictEqual(shown().length, frames.length);

answer = 'STEP';
named.search.listeners.click();
assert(leaf.classes.has('hit'));
assert.match(named.found.textContent, /^found: [0-9.]+%$/);
answer = '(';
keys.keydown({ key: '/', preventDefault: () => {} });
assert.match(named.found.textContent, /SyntaxError/);
keys.keydown({ key: 'Escape' });
assert(!leaf.classes.has('hit'));
leaf.listeners.mouseover();
assert(named.detail.textContent.includes('step'));
