"""Which Python processes are left alone: tools that manage packages or check code, and settings that cannot be served."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Names of scripts and of modules after -m. They run no service; instrumenting them costs time and shows noise.
TOOLS = frozenset(
    """pip pip3 pipx uv uvx poetry pipenv pdm hatch rye conda mamba virtualenv venv ensurepip build twine setup
    pre-commit pre_commit black ruff mypy pyright flake8 isort pylint compileall py_compile pip-compile pip-sync
    pyenv get-pip node-gyp gyp gyp_main cookiecutter _in_process""".split()
)
# Options of the interpreter that take the next word as their value.
WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")


@dataclass(frozen=True)
class Skip:
    text: str
    silent: bool


def program_of(argv: Sequence[str]) -> tuple[str, str]:
    """(kind, name) of what an interpreter was asked to run: ("script", path), ("module", name), ("code", text), ("none", "")."""
    at = 1
    while at < len(argv):
        word = argv[at]
        if word in WITH_VALUE:
            at += 2
            continue
        if word == "-m" and at + 1 < len(argv):
            return "module", argv[at + 1]
        if word == "-c" and at + 1 < len(argv):
            return "code", argv[at + 1]
        if word == "-" or not word.startswith("-"):
            return ("none", "") if word == "-" else ("script", word)
        # Options may be run together: -Im pip
        if not word.startswith("--") and word.endswith("m") and at + 1 < len(argv):
            return "module", argv[at + 1]
        if not word.startswith("--") and word.endswith("c") and at + 1 < len(argv):
            return "code", argv[at + 1]
        at += 1
    return "none", ""


def is_tool(argv: Sequence[str]) -> bool:
    kind, name = program_of(argv)
    if kind == "module":
        return name.split(".")[0] in TOOLS
    if kind == "script":
        base = os.path.basename(name)
        return (base[:-3] if base.endswith(".py") else base) in TOOLS
    # Build back ends and `uv` probe interpreters with -c; multiprocessing's children do serve.
    # Their tracker of semaphores and shared memory runs nothing of the program, and outlives it.
    return kind == "code" and any(part in name for part in ("setuptools", "__file__=", "resource_tracker import main"))


def reason_to_skip(argv: Sequence[str], environment: Mapping[str, str]) -> Skip | None:
    if is_tool(argv):
        return Skip("a package manager or a code checker", silent=True)
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return Skip("OTEL_SDK_DISABLED is true", silent=False)
    for name in ("", "TRACES_", "METRICS_", "LOGS_"):
        variable = f"OTEL_EXPORTER_OTLP_{name}PROTOCOL"
        if environment.get(variable, "http/protobuf").strip() not in ("http/protobuf", ""):
            value = environment[variable]
            return Skip(f"{variable}={value}, and the Python agent speaks http/protobuf only", silent=False)
    return None
