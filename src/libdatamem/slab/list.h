/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Doubly linked lists of records with prev and next; the list is its head. */
#ifndef DMEM_LIST_H
#define DMEM_LIST_H

#define dmem_list_push(list, item)                                           \
	do {                                                                 \
		(item)->prev = NULL;                                         \
		(item)->next = *(list);                                      \
		if (*(list))                                                 \
			(*(list))->prev = (item);                            \
		*(list) = (item);                                            \
	} while (0)

#define dmem_list_drop(list, item)                                           \
	do {                                                                 \
		if ((item)->next)                                            \
			(item)->next->prev = (item)->prev;                   \
		if ((item)->prev)                                            \
			(item)->prev->next = (item)->next;                   \
		else                                                         \
			*(list) = (item)->next;                              \
	} while (0)

#endif /* DMEM_LIST_H */
