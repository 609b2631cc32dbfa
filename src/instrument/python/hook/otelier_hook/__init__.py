"""Zero-code OpenTelemetry for one Python process.

`start` decides whether this process is instrumented, puts the private packages behind the program's own, builds the SDK, and
arranges that libraries are instrumented when the program imports them. It never raises and never prints: what happened goes to
the launcher through `status`. Read next: `sdk` (providers), `libraries` (what is instrumented when), `ending` (nothing is lost).
"""

from __future__ import annotations

import os
import sys

from . import decide, packages, status


def start() -> None:
    reason = decide.reason_to_skip(sys.orig_argv, os.environ)
    if reason is not None:
        if not reason.silent:
            status.left_alone(reason.text)
        return
    private = packages.private_folder(os.environ)
    if private is None:
        status.left_alone(
            "its OpenTelemetry packages are not installed yet",
            hint=f"run: otelier setup --python {sys.executable}",
        )
        return
    own_sdk = packages.programs_own_sdk()
    if own_sdk is not None and os.environ.get("OTELIER_OWN_SDK") != "ignore":
        status.left_alone(
            f"the program brings its own OpenTelemetry SDK ({own_sdk})",
            hint="set OTELIER_OWN_SDK=ignore to instrument it all the same",
        )
        return
    undo = packages.add(private)
    try:
        from . import ending, libraries, logs, sdk

        providers = sdk.build()
        logs.install(providers.logs)
        ending.install(providers)
        status.started(providers.service, providers.endpoint, providers.signals)
        libraries.install()
    except Exception as error:
        undo()
        if os.environ.get("OTELIER_DEBUG"):
            raise
        status.left_alone(f"its own packages do not go with the agent's: {type(error).__name__}: {error}")
