"""Metrics of the process and of CPython under the names of the semantic conventions, from the standard library alone.

The upstream system-metrics instrumentation needs psutil, a compiled package that ties to one interpreter and libc; these seven
instruments need nothing.
"""

from __future__ import annotations

import gc
import os
import threading


def install(provider: object) -> None:
    from opentelemetry.metrics import Observation

    meter = provider.get_meter("otelier.runtime.python")

    def cpu(_options):
        times = os.times()
        yield Observation(times.user, {"cpu.mode": "user"})
        yield Observation(times.system, {"cpu.mode": "system"})

    def memory(_options):
        try:
            with open("/proc/self/statm", "rb") as source:
                resident = int(source.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            import resource

            resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        yield Observation(resident)

    def threads(_options):
        yield Observation(threading.active_count())

    def descriptors(_options):
        try:
            yield Observation(len(os.listdir("/proc/self/fd")))
        except OSError:
            return

    def collector(field):
        def observe(_options):
            for generation, stats in enumerate(gc.get_stats()):
                yield Observation(stats[field], {"cpython.gc.generation": generation})

        return observe

    counter, gauge = meter.create_observable_counter, meter.create_observable_up_down_counter
    counter("process.cpu.time", [cpu], "s", "Total CPU seconds broken down by different CPU modes.")
    gauge("process.memory.usage", [memory], "By", "The amount of physical memory in use.")
    gauge("process.thread.count", [threads], "{thread}", "Process threads count.")
    gauge("process.unix.file_descriptor.count", [descriptors], "{file_descriptor}", "Number of open file descriptors.")
    for name, field, unit in (
        ("collections", "collections", "{collection}"),
        ("collected_objects", "collected", "{object}"),
        ("uncollectable_objects", "uncollectable", "{object}"),
    ):
        counter(f"cpython.gc.{name}", [collector(field)], unit, "Garbage collector statistics by generation.")
