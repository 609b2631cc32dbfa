"""The private packages: one folder a Python minor version, behind everything that the program has.

The program's own packages win, with one exception: the namespace `opentelemetry` is taken from the private folder first, because
its parts (API, SDK, instrumentations) only work in one version. Programs that bring an SDK of their own are left alone earlier.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from importlib.machinery import ModuleSpec, PathFinder


def private_folder(environment: Mapping[str, str]) -> str | None:
    base = environment.get("OTELIER_PYTHON_AGENTS", "")
    folder = os.path.join(base, f"{sys.implementation.cache_tag}") if base else ""
    return folder if folder and os.path.isdir(os.path.join(folder, "opentelemetry")) else None


def programs_own_sdk() -> str | None:
    """Place of the OpenTelemetry SDK that the program can import by itself, if any."""
    spec = PathFinder.find_spec("opentelemetry")
    for place in (spec.submodule_search_locations or []) if spec is not None else []:
        if os.path.isdir(os.path.join(place, "sdk")):
            return _version_beside(os.path.dirname(place)) or place
    return None


def _version_beside(site: str) -> str | None:
    prefix = "opentelemetry_sdk-"
    try:
        names = os.listdir(site)
    except OSError:
        return None
    for name in names:
        if name.startswith(prefix) and name.endswith(".dist-info"):
            return f"opentelemetry-sdk {name[len(prefix) : -len('.dist-info')]}"
    return None


class _OneVersion:
    """Finder for the namespace package `opentelemetry` alone: private part first, the program's parts after it."""

    def __init__(self, private: str) -> None:
        self.private = private

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != "opentelemetry":
            return None
        spec = ModuleSpec(name, None, is_package=True)
        others = PathFinder.find_spec(name)
        places = [os.path.join(self.private, name)]
        for place in (others.submodule_search_locations or []) if others is not None else []:
            if place not in places:
                places.append(place)
        spec.submodule_search_locations = places
        return spec


def add(private: str) -> Callable[[], None]:
    """Makes the private packages importable; the result takes them back."""
    finder = _OneVersion(private)
    sys.path.append(private)
    sys.meta_path.insert(0, finder)

    def undo() -> None:
        sys.meta_path.remove(finder)
        if private in sys.path:
            sys.path.remove(private)
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(private + os.sep):
                del sys.modules[name]
        sys.modules.pop("opentelemetry", None)

    return undo
