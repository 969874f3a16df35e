/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What all files of the observer use. */
#ifndef OBSERVER_BASE_H
#define OBSERVER_BASE_H

#define OBSERVER_API __attribute__((__visibility__("default")))
#define OBSERVER_COLD __attribute__((__noinline__, __cold__))
#define OBSERVER_TLS                                                        \
	static __thread __attribute__((__tls_model__("initial-exec")))

#define observer_likely(x)   __builtin_expect(!!(x), 1)
#define observer_unlikely(x) __builtin_expect(!!(x), 0)

#endif /* OBSERVER_BASE_H */
