"""Python imports this at its start, in every process of the traced command: it starts the tracer, then its namesake.

Plain enough for CPython 2.7. The folder leaves the import path again, so that the test sees nothing of it there.
"""
# mypy: ignore-errors

import os
import sys


def _begin():
    folder = os.path.dirname(os.path.abspath(__file__))
    import runoff_trace

    if hasattr(sys, "monitoring"):
        from runoff_monitoring import Tracer
    else:
        from runoff_settrace import Tracer
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != folder]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401 - another one, of the environment
    except ImportError:
        pass
    finally:
        if ours is not None:
            sys.modules.setdefault("sitecustomize", ours)
    runoff_trace.begin(Tracer, folder)


_begin()
