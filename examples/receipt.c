/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Show which huge pages this machine gives, and those of one block. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const char *when, const void *block)
{
	struct datamem_hugepage_receipt receipt;

	if (datamem_hugepage_receipt_get(block, 0, &receipt,
					 sizeof(receipt)) != 0)
		return;
	printf("%s: asked %zu, eligible %zu, advised %zu, backed ", when,
	       receipt.asked, receipt.eligible, receipt.advised);
	if (receipt.backed == SIZE_MAX)
		printf("unknown");
	else
		printf("%zu", receipt.backed);
	printf(" (%s)\n", datamem_hugepage_reason_text(receipt.reason));
}

int main(void)
{
	const size_t nbytes = 16 << 20;
	struct datamem_hugepage_probe probe;
	char *block = datamem_alloc(nbytes);

	if (!block) {
		perror("datamem_alloc");
		return EXIT_FAILURE;
	}
	if (datamem_hugepage_probe_get(&probe, sizeof(probe)) == 0)
		printf("Linux %s: %s (%s)\n", probe.release,
		       datamem_hugepage_state_name(probe.state),
		       datamem_hugepage_reason_text(probe.reason));

	show("fresh", block);
	memset(block, 1, nbytes);	/* the kernel must back it now */
	show("touched", block);

	if (datamem_promote(block, nbytes) == 0)
		show("promoted", block);
	datamem_free(block, nbytes);
	return EXIT_SUCCESS;
}
