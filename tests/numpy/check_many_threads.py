# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

"""Many threads that make arrays at once, and many that come and go.

For Python with and without the global lock: without it the library's own locks
and atomics are all that stands between them.
"""

import contextvars
import queue
import sys
import threading

import numpy as np

import datamem
import tap

MISUSE = ("foreign_pointers", "double_frees", "large_hints", "overruns",
          "uses_after_free", "leaked_blocks")

datamem.install()


def run(count, work):
    """Threads that begin together; errors of theirs are the caller's."""
    barrier = threading.Barrier(count)
    errors = []

    def body(number):
        try:
            barrier.wait()
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=body, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def without_misuse():
    stats = datamem.stats()
    assert not any(getattr(stats, name) for name in MISUSE), stats


def test_32_threads_make_small_arrays():
    def work(number):
        kept = []
        for i in range(3000):
            arr = np.full(1 + (i * 7 + number) % 200, number, dtype=np.int32)
            if i % 10 == 0:
                kept.append(arr)
            if len(kept) > 50:
                assert (kept.pop(0) == number).all()
            b = arr + 1
            assert b[0] == number + 1 and b[-1] == number + 1
        assert all((arr == number).all() for arr in kept)
        assert datamem.handler_name(kept[0]) == "datamem"

    run(32, work)
    before = datamem.stats()
    for _ in range(3):
        run(32, work)
    after = datamem.stats()
    assert after.held_bytes <= before.held_bytes + (4 << 20), (before, after)
    assert after.allocs - before.allocs >= 3 * 32 * 6000
    without_misuse()


def test_arrays_that_go_through_threads():
    channel = queue.SimpleQueue()

    def work(number):
        for i in range(600):
            if number % 2:
                channel.put(np.full(10 + i * 90, number, dtype=np.int64))
            else:
                arr = channel.get(timeout=300)
                assert (arr == arr[0]).all() and arr[0] % 2
                arr.resize(arr.size * 2, refcheck=False)
                assert not arr[arr.size // 2:].any()

    run(16, work)
    assert channel.empty()
    without_misuse()


def test_each_thread_has_a_context_of_its_own():
    names = ("datamem", "debug", "system", "datamem_aligned_64",
             "default_allocator")

    def work(number):
        mine = names[number % len(names)]
        with datamem.handler(mine):
            inside = contextvars.copy_context()
        for i in range(200):
            assert datamem.handler_name() == "datamem"
            with datamem.handler(mine):
                arr = np.arange(10 + i * number)
                assert datamem.handler_name() == mine
            assert datamem.handler_name(arr) == mine
            assert inside.run(datamem.handler_name) == mine
            assert (arr == np.arange(10 + i * number)).all()

    run(16, work)
    without_misuse()


def test_each_thread_has_scopes_of_its_own():
    with datamem.scope("all") as everything:
        def work(number):
            for i in range(50):
                with datamem.scope("outer") as outer:
                    np.empty(100 + number, np.uint8)
                    with datamem.scope("inner") as inner:
                        kept = [np.empty(1 << 10, np.uint8) for _ in range(5)]
                    assert inner.calls == 5 and inner.kept >= 5 << 10, inner
                    assert outer.calls == 6, outer
                del kept
                assert inner.live == 0 and outer.live == 0, (inner, outer)
                assert str(outer).count("inner") == 1, outer

        run(16, everything.bind(work))
    assert everything.calls >= 16 * 50 * 6, everything
    assert everything.live < 1 << 20
    without_misuse()


def test_one_scope_for_many_threads():
    with datamem.scope("threads") as s:
        def work(number):
            for i in range(500):
                np.empty(1 << 10, np.uint8)

        run(8, s.bind(work))
    assert s.calls >= 8 * 500 and s.kept < 1 << 20, s


def test_10000_short_threads():
    def short():
        arr = np.ones(500)
        assert arr[499] == 1 and (arr + arr).sum() == 1000

    def many(count):
        for _ in range(count // 20):
            threads = [threading.Thread(target=short) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    many(2000)
    before = datamem.stats()
    many(8000)
    after = datamem.stats()
    assert after.held_bytes <= before.held_bytes + (1 << 20), (before, after)
    assert after.meta_bytes <= before.meta_bytes + (1 << 18), (before, after)
    without_misuse()


def test_handlers_that_change_meanwhile():
    end = threading.Event()

    def work(number):
        if number == 0:
            for name in ("debug", "datamem", "datamem_aligned_64") * 30:
                datamem.install(name)
            end.set()
        while not end.is_set():
            with datamem.handler("system"):
                arr = np.arange(100)
            assert datamem.handler_name(arr) == "system"
            assert (np.arange(100) == arr).all()

    run(6, work)
    datamem.install()
    without_misuse()


def test_settings_statistics_and_trims_of_32_threads():
    settings = datamem.settings
    with settings(retain_age=1000):
        def work(number):
            for i in range(20):
                settings["retain.age"] = 1000 + number * 100 + i
                np.ones(10000)
                assert datamem.stats().allocs
                datamem.trim(heap=False)

        run(32, work)
        # New processes get what this one has.
        assert settings["retain.age"] == settings.changed["retain.age"]
    without_misuse()


def test_profiles_of_32_threads():
    try:
        datamem.profile().stop()
    except OSError as error:
        raise tap.Skip("no profile: %s" % error) from None

    def work(number):
        for i in range(10):
            profile = datamem.profile(interval=4096)
            kept = [np.ones(1000) for _ in range(20)]
            try:
                profile.collapsed()
            except RuntimeError:    # another thread has ended it
                pass
            profile.stop()
            del kept

    run(32, work)
    with datamem.profile(interval=1) as profile:
        kept = np.ones(1 << 18)
        assert "check_many_threads.py" in profile.collapsed()
    del kept
    without_misuse()


def test_arrays_do_not_count_their_handler_without_the_lock():
    import sysconfig
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise tap.Skip("this Python has the global lock")
    from datamem._numpy import table
    capsule = table().get()
    before = sys.getrefcount(capsule)
    kept = [np.empty(10) for _ in range(100)]
    assert sys.getrefcount(capsule) == before
    del kept
    assert sys.getrefcount(capsule) == before


def test_the_lock_stays_off():
    if not hasattr(sys, "_is_gil_enabled"):
        raise tap.Skip("this Python has the global lock")
    if sys._is_gil_enabled():
        import sysconfig
        assert not sysconfig.get_config_var("Py_GIL_DISABLED"), \
            "something that was imported has switched the lock on"
        raise tap.Skip("this Python has the global lock")


tap.run(globals())
