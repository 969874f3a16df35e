/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * For unit tests of the ground floor, which run without the modules above:
 * stands in for init.c, so that the linker does not bring in the whole house.
 */
#ifndef TESTS_ALONE_H
#define TESTS_ALONE_H

#include "base.h"

__attribute__((__weak__)) void dmem_library_init(void)
{
}

#endif /* TESTS_ALONE_H */
