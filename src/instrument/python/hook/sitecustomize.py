"""Entry of Otelier's Python hook: `otelier run` puts this folder first on PYTHONPATH.

Runs before the program in every Python that the program starts, so it is written for any Python 3 (and fails softly on 2),
never raises, takes itself off sys.path, and hands over to the sitecustomize that it hides.
"""
import os
import sys


def _chain(own):
    """Imports the sitecustomize that this one shadows, as Python would have done without us."""
    ours = sys.modules.pop("sitecustomize", None)
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != own]
    try:
        import sitecustomize  # noqa: F401  pylint: disable=import-self
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
    finally:
        # The import system looks for the module that it is executing; the user's stays when there is one.
        if ours is not None:
            sys.modules.setdefault("sitecustomize", ours)


def _start(own):
    if sys.version_info < (3, 10):
        from_hook = os.path.join(own, "otelier_hook", "old_python.py")
        with open(from_hook) as source:
            exec(compile(source.read(), from_hook, "exec"), {"__name__": "otelier_old_python"})
        return
    import importlib.util

    package = os.path.join(own, "otelier_hook")
    spec = importlib.util.spec_from_file_location(
        "otelier_hook", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["otelier_hook"] = module
    spec.loader.exec_module(module)
    module.start()


_own = os.path.dirname(os.path.abspath(__file__))
try:
    # The user's own customisation first: it may extend sys.path.
    _chain(_own)
finally:
    try:
        if not os.environ.get("OTELIER_OFF"):
            _start(_own)
    except Exception:  # the program must start, whatever happens here
        if os.environ.get("OTELIER_DEBUG"):
            import traceback

            traceback.print_exc()
