"""Evaluation scripts of rows as swebench 4.1.0 makes them. Run by a Python that has it, and nothing of ours.

A row a line comes in, its script a line goes out, as JSON, in the same order.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Answer line by line."""
    from swebench.harness.test_spec.test_spec import make_test_spec

    for line in sys.stdin:
        print(json.dumps(make_test_spec(json.loads(line)).eval_script), flush=True)


if __name__ == "__main__":
    main()
