"""Orders and answers between the bench and a process that works for it: a line of JSON each.

Only the standard library is used here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

Act = Callable[[dict[str, Any]], dict[str, Any]]


def serve(acts: Mapping[str, Act]) -> None:
    """Carry out orders from standard input until it ends; what anything else prints is no answer."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(acts[order.pop("act")](order)), file=answers, flush=True)
