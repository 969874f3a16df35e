/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * One handler for each alignment, for hosts that can choose a handler but have
 * no way to ask for an alignment: blocks of the handler `datamem`, resized with
 * their alignment. The context carries it. The public function is
 * datamem_handler_aligned(). Those named datamem_lazy_N make their zeroed
 * blocks as datamem_alloc_lazy() does. Those named datamem_node_N take pages of
 * memory node N only: each block has a mapping of its own, of whole pages, at a
 * multiple of 2 MiB, which goes when it is freed; resizes keep the node.
 */
#ifndef DMEM_ALIGNED_H
#define DMEM_ALIGNED_H

#include "base.h"

/* The handler of that name, or NULL: it is not one of these. */
const struct datamem_handler *dmem_aligned_find(const char *name);

/* Whether it is one of these. They track their blocks themselves. */
bool dmem_aligned_is(const struct datamem_handler *handler);

/* The alignment of its blocks; 0: it is not one of these. */
size_t dmem_aligned_of(const struct datamem_handler *handler);

#endif /* DMEM_ALIGNED_H */
