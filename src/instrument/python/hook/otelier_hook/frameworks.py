"""Frameworks that need more than "instrument after the import": Django's settings, FastAPI on Starlette, reloaders."""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import ending

Instrument = Callable[..., None]


def covered_by_another(trigger: str) -> bool:
    """FastAPI applications are Starlette applications: exactly one of both instrumentations may wrap them."""
    if trigger == "starlette.applications":
        return "fastapi" in sys.modules
    if trigger == "fastapi":
        starlette = sys.modules.get("starlette.applications")
        return type(getattr(starlette, "Starlette", None)).__name__ == "type" and starlette.Starlette.__name__ == "_InstrumentedStarlette"
    return False


def _django_handler(module: object, instrument: Instrument) -> None:
    """The middleware must be added when the settings are there and before the first handler reads them."""
    original = module.BaseHandler.load_middleware
    done = []

    def load_middleware(self, *args, **kwargs):
        if not done:
            done.append(True)
            instrument("django", "django:DjangoInstrumentor", request_hook=_django_url)
        return original(self, *args, **kwargs)

    module.BaseHandler.load_middleware = load_middleware


def _django_url(span, request) -> None:
    """Upstream reads the path from REQUEST_URI, which Django's own server does not give."""
    if span is not None and span.is_recording():
        span.set_attribute("url.path", request.path)
        query = request.META.get("QUERY_STRING")
        if query:
            span.set_attribute("url.query", query)


def _werkzeug_reloader(module: object, _instrument: Instrument) -> None:
    original = module.ReloaderLoop.restart_with_reloader

    def restart_with_reloader(self):
        ending.stop_quietly("only watches files for the reloader; its child serves")
        return original(self)

    module.ReloaderLoop.restart_with_reloader = restart_with_reloader


def _django_reloader(module: object, _instrument: Instrument) -> None:
    original = module.restart_with_reloader

    def restart_with_reloader():
        ending.stop_quietly("only watches files for the reloader; its child serves")
        return original()

    module.restart_with_reloader = restart_with_reloader


def _uvicorn_supervisor(module: object, _instrument: Instrument) -> None:
    for name in ("BaseReload", "Multiprocess"):
        supervisor = getattr(module, name, None)
        if supervisor is None:
            continue
        original = supervisor.run

        def run(self, *args, _original=original, **kwargs):
            ending.stop_quietly("only supervises its workers; they serve")
            return _original(self, *args, **kwargs)

        supervisor.run = run


AFTER: dict[str, Callable[[object, Instrument], None]] = {
    "django.core.handlers.base": _django_handler,
    "django.utils.autoreload": _django_reloader,
    "werkzeug._reloader": _werkzeug_reloader,
    "uvicorn.supervisors.basereload": _uvicorn_supervisor,
    "uvicorn.supervisors.multiprocess": _uvicorn_supervisor,
}
