"""The service's name, when the launcher only inferred one: a process in another project of the same tree has that project's."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping


def service_name(environment: Mapping[str, str], directory: str) -> str | None:
    """Name of the project around `directory`; None when the launcher's name holds."""
    inferred_in = environment.get("OTELIER_NAME_INFERRED_IN")
    if not inferred_in or os.path.realpath(directory) == os.path.realpath(inferred_in):
        return None
    root = os.path.realpath(inferred_in)
    here = os.path.realpath(directory)
    # Only folders below the one where the launcher was started: outside it, its guess is as good as ours.
    while here.startswith(root + os.sep):
        name = _pyproject_name(here) or _package_name(here)
        if name:
            return name
        here = os.path.dirname(here)
    return None


def _pyproject_name(directory: str) -> str | None:
    try:
        with open(os.path.join(directory, "pyproject.toml"), encoding="utf-8") as source:
            text = source.read()
    except (OSError, ValueError):
        return None
    for table in ("project", r"tool\.poetry"):
        found = re.search(rf"(?ms)^\[{table}\]\s*$(.*?)(?=^\[|\Z)", text)
        name = re.search(r"""(?m)^name\s*=\s*["']([^"']+)["']""", found.group(1)) if found else None
        if name:
            return name.group(1)
    return None


def _package_name(directory: str) -> str | None:
    try:
        with open(os.path.join(directory, "package.json"), encoding="utf-8") as source:
            name = json.load(source).get("name")
    except (OSError, ValueError, AttributeError):
        return None
    return name if isinstance(name, str) and name else None
