/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The parts of a flame graph that are the same in each: styles, and the script
 * that zooms and searches. Nothing is fetched from anywhere. Each frame is a
 * <g class="f"> with its place as fractions of the width (data-x, data-w) and
 * its depth (data-d); its name is the first line of its <title>.
 */
#ifndef FORMATS_FLAME_PAGE_H
#define FORMATS_FLAME_PAGE_H

#define FLAME_WIDTH 1200
#define FLAME_MARGIN 10
#define FLAME_ROW 17
/* Of a character, in the font below. */
#define FLAME_CHARACTER 6.7

#define FLAME_STYLE                                                          \
	"text{font:11px 'DejaVu Sans Mono',Menlo,Consolas,monospace;"        \
	"fill:#222}\n"                                                       \
	"#title{font-size:16px;text-anchor:middle}\n"                        \
	".b{cursor:pointer;fill:#06c}\n"                                     \
	".f{cursor:pointer}\n"                                               \
	".f rect{stroke:#fff;stroke-width:.5}\n"                             \
	".f:hover rect{stroke:#000}\n"                                       \
	".f text{pointer-events:none}\n"                                     \
	".dim rect{opacity:.45}\n"                                           \
	".hit rect{fill:#c3c}\n"                                             \
	".hit text{fill:#fff}\n"

#define FLAME_SCRIPT                                                         \
	"(function () {\n"                                                   \
	"var svg = document.documentElement;\n"                              \
	"var M = 10, W = 1180, C = 6.7, E = 1e-7;\n"                         \
	"var all = [].slice.call(svg.querySelectorAll('.f'));\n"             \
	"var fs = all.map(function (g) {\n"                                  \
	"  return {g: g, r: g.querySelector('rect'),\n"                      \
	"    t: g.querySelector('text'), x: +g.getAttribute('data-x'),\n"    \
	"    w: +g.getAttribute('data-w'), d: +g.getAttribute('data-d'),\n"  \
	"    s: g.querySelector('title').textContent};\n"                    \
	"});\n"                                                              \
	"fs.forEach(function (f) { f.n = f.s.split('\\n')[0]; });\n"         \
	"function id(name) { return svg.getElementById(name); }\n"           \
	"function place(f, x, w) {\n"                                        \
	"  var n = Math.floor((w * W - 6) / C);\n"                           \
	"  f.g.style.display = '';\n"                                        \
	"  f.r.setAttribute('x', M + x * W);\n"                              \
	"  f.r.setAttribute('width', w * W);\n"                              \
	"  f.t.setAttribute('x', M + x * W + 3);\n"                          \
	"  f.t.textContent = n < 3 ? '' : f.n.length <= n ? f.n :\n"         \
	"    f.n.slice(0, n - 2) + '..';\n"                                  \
	"}\n"                                                                \
	"function zoom(z) {\n"                                               \
	"  fs.forEach(function (f) {\n"                                      \
	"    var above = f.d <= z.d && f.x <= z.x + E &&\n"                  \
	"      f.x + f.w >= z.x + z.w - E;\n"                                \
	"    var inside = f.d > z.d && f.x >= z.x - E &&\n"                  \
	"      f.x + f.w <= z.x + z.w + E;\n"                                \
	"    f.g.classList.toggle('dim', above && f.d < z.d);\n"             \
	"    if (above) place(f, 0, 1);\n"                                   \
	"    else if (inside) place(f, (f.x - z.x) / z.w, f.w / z.w);\n"     \
	"    else f.g.style.display = 'none';\n"                             \
	"  });\n"                                                            \
	"  id('reset').style.display = z.d > 0 ? '' : 'none';\n"             \
	"}\n"                                                                \
	"function reset() { zoom({x: 0, w: 1, d: 0}); }\n"                   \
	"function search(text) {\n"                                          \
	"  var re, hits = [], end = 0, sum = 0;\n"                           \
	"  try { re = text ? new RegExp(text, 'i') : null; }\n"              \
	"  catch (e) { id('found').textContent = String(e); return; }\n"     \
	"  fs.forEach(function (f) {\n"                                      \
	"    var hit = !!re && f.d > 0 && re.test(f.n);\n"                   \
	"    f.g.classList.toggle('hit', hit);\n"                            \
	"    if (hit) hits.push(f);\n"                                       \
	"  });\n"                                                            \
	"  hits.sort(function (a, b) { return a.x - b.x || b.w - a.w; });\n" \
	"  hits.forEach(function (f) {\n"                                    \
	"    if (f.x < end - E) return;\n"                                   \
	"    sum += f.w; end = f.x + f.w;\n"                                 \
	"  });\n"                                                            \
	"  id('found').textContent = re ?\n"                                 \
	"    'found: ' + (100 * sum).toFixed(1) + '%' : '';\n"               \
	"}\n"                                                                \
	"function ask() {\n"                                                 \
	"  var text = prompt('Find frames (a regular expression):', '');\n"  \
	"  if (text !== null) search(text);\n"                               \
	"}\n"                                                                \
	"fs.forEach(function (f) {\n"                                        \
	"  f.g.addEventListener('click', function () { zoom(f); });\n"       \
	"  f.g.addEventListener('mouseover', function () {\n"                \
	"    id('detail').textContent = f.s.replace(/\\n/g, '  '); });\n"    \
	"  f.g.addEventListener('mouseout', function () {\n"                 \
	"    id('detail').textContent = ''; });\n"                           \
	"});\n"                                                              \
	"id('reset').addEventListener('click', reset);\n"                    \
	"id('search').addEventListener('click', ask);\n"                     \
	"window.addEventListener('keydown', function (e) {\n"                \
	"  if (e.key === 'Escape') { reset(); search(''); }\n"               \
	"  else if (e.key === '/' || (e.key === 'f' && e.ctrlKey)) {\n"      \
	"    e.preventDefault(); ask();\n"                                   \
	"  }\n"                                                              \
	"});\n"                                                              \
	"})();\n"

#endif /* FORMATS_FLAME_PAGE_H */
