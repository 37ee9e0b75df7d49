"""Python imports this at its start, in every process of a recorded command: it begins to record, then its namesake.

The folder leaves the import path again, so that the tests see nothing of it there.
"""
# mypy: ignore-errors

import os
import sys


def _begin():
    folder = os.path.dirname(os.path.abspath(__file__))
    import runoff_calls

    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != folder]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401 - another one, of the environment
    except ImportError:
        pass
    finally:
        if ours is not None:
            sys.modules.setdefault("sitecustomize", ours)
    runoff_calls.begin(folder)


_begin()
