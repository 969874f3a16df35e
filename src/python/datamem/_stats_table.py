# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""The members of a snapshot; build-aux/check-statistics.sh writes the list."""

from typing import NamedTuple, Tuple

from ._arguments import size_text


class ClassStats(NamedTuple):
    """Counters of one class of small blocks."""

    size: int               #: bytes a block
    live_blocks: int
    cached_blocks: int
    hits: int
    misses: int


class Stats(NamedTuple):
    """A snapshot of the library's counters; datamem_stats_get(3) says more.

    repr() has the most asked for; _asdict() has all.  s2 - s1 is what was
    counted between, and by how much the rest has grown.
    """

    # TABLE BEGIN
    #: bytes in blocks in use
    live_bytes: int
    #: blocks in use
    live_blocks: int
    #: most bytes in use at once
    peak_bytes: int
    #: the part of live_bytes in blocks of up to 128 KiB
    small_bytes: int
    #: bytes of free blocks in threads' caches
    cached_bytes: int
    #: bytes mapped for blocks
    mapped_bytes: int
    #: bytes held for blocks, retained_bytes included
    held_bytes: int
    #: free bytes kept for reuse
    retained_bytes: int
    #: free bytes that the kernel may take
    lazy_bytes: int
    #: bytes mapped for the library's own records
    meta_bytes: int
    #: bytes eligible for huge pages
    advised_bytes: int
    #: the part of advised_bytes in explicit huge pages
    hugetlb_bytes: int
    #: bytes given back to the kernel
    purged_bytes: int
    #: blocks made
    allocs: int
    #: blocks freed
    frees: int
    #: small blocks from a thread's cache
    hits: int
    #: small blocks not from a cache
    misses: int
    #: large blocks of warm memory
    large_hits: int
    #: large blocks of fresh memory
    large_misses: int
    #: page faults that warm memory spared
    faults_avoided: int
    #: resizes in place
    resizes_in_place: int
    #: resizes by moving pages
    resizes_moved: int
    #: resizes by copying
    resizes_copied: int
    #: allocations that failed
    failed_allocs: int
    #: the part of failed_allocs for limit.max
    limit_failures: int
    #: pointers freed or resized that are not the library's
    foreign_pointers: int
    #: double frees found
    double_frees: int
    #: frees with a size hint above the block
    large_hints: int
    #: blocks freed through an invalid handler, and kept
    leaked_blocks: int
    #: writes outside a block that the handler debug found
    overruns: int
    #: writes to freed blocks that the handler debug found
    uses_after_free: int
    #: living threads with a cache
    threads: int
    #: kernel mappings held, an estimate
    mappings: int
    #: free bytes given back beside large blocks
    opened_bytes: int
    #: free bytes kept beside large blocks
    pinned_bytes: int
    #: free bytes given back beside small blocks
    opened_small_bytes: int
    #: free bytes kept beside small blocks
    pinned_small_bytes: int
    #: the part of live_bytes in guarded blocks
    guarded_bytes: int
    #: guarded blocks in use
    guarded_blocks: int
    #: guarded blocks made
    guarded_allocs: int
    #: mistakes that guard sampling found
    guard_reports: int
    #: the part of live_bytes on malloc, for a tool that watches it
    hosted_bytes: int
    #: blocks made on malloc, for a tool that watches it
    hosted_allocs: int
    # TABLE END
    classes: Tuple[ClassStats, ...]

    def __repr__(self) -> str:
        return ("<Stats: live %s in %d blocks, peak %s, held %s, retained %s;"
                " %d allocs, %d frees, %d failed; %d of %d small from a cache,"
                " %d of %d large warm>" % (
                    size_text(self.live_bytes), self.live_blocks,
                    size_text(self.peak_bytes), size_text(self.held_bytes),
                    size_text(self.retained_bytes), self.allocs, self.frees,
                    self.failed_allocs, self.hits, self.hits + self.misses,
                    self.large_hits, self.large_hits + self.large_misses))

    def __sub__(self, before: "Stats") -> "Stats":
        if not isinstance(before, Stats):
            return NotImplemented
        sizes = {entry.size: entry for entry in before.classes}
        classes = tuple(
            ClassStats(now.size, *(a - b for a, b in zip(
                now[1:], sizes.get(now.size, (0,) * len(now))[1:])))
            for now in self.classes)
        return Stats._make([a - b for a, b in zip(self[:-1], before[:-1])]
                           + [classes])
