# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
set.seed(1)
t <- data.frame(k = sample(1000, 500000, TRUE), x = rnorm(500000))
a <- aggregate(x ~ k, t, mean)
l <- lapply(1:3000, function(i) rnorm(100 + i))
l <- l[seq(1, 3000, 3)]
m <- matrix(rnorm(800 * 800), 800)
s <- solve(m) %*% m
o <- t[order(t$x), ]
f <- lm(x ~ k, t[1:200000, ])
p <- paste0("key", t$k)
cat(sum(a$x) + sum(diag(s)) + length(unlist(l)) + nrow(o) + coef(f)[1] +
    length(unique(p)), "\n")
