"""Nothing is lost when a process ends or forks, and how it ends stays as it was.

- Normal end, exception, sys.exit, Ctrl-C: an atexit function.
- SIGTERM and SIGHUP with the default action: flush, then die by the same signal. Programs that set their own handler keep it.
- os._exit (multiprocessing, billiard and others end forked children so): flush first.
- fork: the child gets processors of its own (the SDK does that), new locks, empty sums and its own service.instance.id.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading

from . import status
from .transport import Spool

_BOUND_S = 3.0
_active: list[object] = []


class _Flush:
    """The one that is under way, if any."""

    thread: int | None = None
    over = threading.Event()
    # A signal that came meanwhile in the same thread; it takes effect afterwards.
    ends_by: int | None = None


def install(providers: object) -> None:
    _active[:] = [providers.traces, providers.metrics, providers.logs]
    atexit.register(flush_for_good)
    for number in (signal.SIGTERM, signal.SIGHUP):
        _end_by(number)
    original = os._exit

    def leave(code: int) -> None:
        _bounded(flush_for_good)
        original(code)

    os._exit = leave
    os.register_at_fork(after_in_child=lambda: _after_fork(providers))


def flush_for_good() -> None:
    """Hands over everything and stops the providers; later calls do nothing. Does not raise."""
    if not _active:
        return
    providers, _active[:] = list(_active), []
    _Flush.over.clear()
    _Flush.thread = threading.get_ident()
    try:
        Spool.ending.set()
        for provider in providers:
            try:
                provider.shutdown()
            except Exception:
                if os.environ.get("OTELIER_DEBUG"):
                    raise
        status.send("end")
    finally:
        _Flush.thread = None
        _Flush.over.set()
    if _Flush.ends_by is not None:
        _die_by(_Flush.ends_by)


def stop_quietly(note: str) -> None:
    """For a process that only watches another one: no telemetry of its own from here on."""
    status.note(note)
    _bounded(flush_for_good)


def _bounded(work) -> None:
    """Runs `work` beside the calling thread, which may have been interrupted while it held one of the SDK's locks."""
    try:
        helper = threading.Thread(target=work, daemon=True)
        helper.start()
        helper.join(_BOUND_S)
    except RuntimeError:  # no new threads while the interpreter goes down
        work()


def _end_by(number: int) -> None:
    try:
        if signal.getsignal(number) is not signal.SIG_DFL:
            return

        def die(received: int, _frame: object) -> None:
            if _Flush.thread == threading.get_ident():
                # It interrupts the flush itself: a supervisor's SIGTERM comes right behind Ctrl-C.
                _Flush.ends_by = received
                return
            if _Flush.thread is not None:
                _Flush.over.wait(_BOUND_S)
            _bounded(flush_for_good)
            _die_by(received)

        signal.signal(number, die)
    except ValueError:
        pass  # not the main thread


def _die_by(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _after_fork(providers: object) -> None:
    Spool.ending.clear()
    _Flush.thread = _Flush.ends_by = None
    if not _active:
        return
    try:
        _empty_sums(providers.metrics)
    except AttributeError:
        pass  # another SDK layout: sums of the parent stay in, nothing is lost
    status.started(providers.service, providers.endpoint, providers.signals, forked=True)


def _empty_sums(meter_provider: object) -> None:
    """A child starts counting at zero, with locks that no thread of the parent holds."""
    for storage in meter_provider._measurement_consumer._reader_storages.values():
        storage._lock = threading.RLock()
        for matches in storage._instrument_view_instrument_matches.values():
            for match in matches:
                match._lock = threading.Lock()
                match._attributes_aggregation = {}
