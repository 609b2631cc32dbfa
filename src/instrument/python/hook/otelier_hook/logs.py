"""Sends records of the `logging` module as OTel log records, without touching any logger, handler, format or level.

Upstream adds a handler to the root logger, after which `logging.basicConfig()` of the program does nothing. We look on where
every record passes on its way to the handlers instead, so the program prints what it would print without us.
"""

from __future__ import annotations

import logging
import os
import threading

_busy = threading.local()


def install(provider: object) -> None:
    if os.environ.get("OTEL_PYTHON_LOG_AUTO_INSTRUMENTATION", "true").strip().lower() == "false":
        return
    from opentelemetry.instrumentation.logging.handler import LoggingHandler

    handler = LoggingHandler(
        level=_level(os.environ.get("OTEL_PYTHON_LOG_HANDLER_LEVEL", "notset")),
        logger_provider=provider,
        log_code_attributes=os.environ.get("OTEL_PYTHON_LOG_CODE_ATTRIBUTES", "").strip().lower() == "true",
    )
    original = logging.Logger.callHandlers

    def call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
        if record.levelno >= handler.level and not record.name.startswith("opentelemetry") and not getattr(_busy, "on", False):
            _busy.on = True
            try:
                handler.emit(record)
            except Exception:  # a record that cannot be formatted is the program's to report, by its own handlers
                pass
            finally:
                _busy.on = False
        original(self, record)

    logging.Logger.callHandlers = call_handlers


def _level(name: str) -> int:
    level = logging.getLevelName(name.strip().upper())
    return level if isinstance(level, int) else logging.NOTSET
