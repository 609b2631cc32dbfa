"""What the launcher is told: one JSON object a line in <run dir>/status/<pid>.jsonl. Without a launcher nothing is written."""

from __future__ import annotations

import json
import os
import sys

_RUNTIME = f"python {sys.version_info[0]}.{sys.version_info[1]}"


def send(event: str, **fields: object) -> None:
    directory = os.environ.get("OTELIER_RUN_DIR")
    if not directory:
        return
    line = json.dumps({"event": event, "pid": os.getpid(), "runtime": _RUNTIME, **fields}) + "\n"
    try:
        path = os.path.join(directory, "status", f"{os.getpid()}.jsonl")
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)
    except OSError:
        pass  # the launcher is gone; its reader too


def started(service: str, endpoint: str, signals: list[str], forked: bool = False) -> None:
    send("start", service=service, endpoint=endpoint, signals=signals, forked=forked)


def library(name: str, version: str | None) -> None:
    send("library", name=name, version=version)


def library_left_out(name: str, version: str | None, reason: str) -> None:
    send("library-left-out", name=name, version=version, reason=reason)


def left_alone(reason: str, hint: str | None = None) -> None:
    send("left-alone", reason=reason, hint=hint)


def note(text: str) -> None:
    send("note", text=text)
