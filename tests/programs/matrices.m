% SPDX-License-Identifier: BSD-3-Clause
% Copyright (C) 2026 The libdatamem authors
rand("seed", 1);
a = rand(1000);
b = a * a';
x = b \ rand(1000, 20);
s = svd(a(1:300, 1:300));
c = {};
for i = 1:400
  c{i} = rand(1, 500 + 50 * i);
end
v = [];
for i = 1:2:400
  v = [v, c{i}];
end
z = sort(v);
f = abs(fft(rand(1, 2^20)));
m = cumsum(rand(2000), 2);
printf("%g\n", sum(x(:)) + sum(s) + sum(z) + sum(f) + m(end));
