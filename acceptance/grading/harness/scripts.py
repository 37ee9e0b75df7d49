"""Evaluation scripts of rows as swebench 4.1.0 makes them. Run by a Python that has it, and nothing of ours.

A row a line comes in, its script a line goes out, as JSON, in the same order.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Answer line by line."""
    from swebench.harness.constants import MAP_REPO_VERSION_TO_SPECS
    from swebench.harness.test_spec.create_scripts import make_eval_script_list

    for line in sys.stdin:
        row = json.loads(line)
        specs = MAP_REPO_VERSION_TO_SPECS[row["repo"]][row["version"]]
        lines = make_eval_script_list(row, specs, "testbed", "/testbed", row["base_commit"], row["test_patch"])
        print(json.dumps("\n".join(["#!/bin/bash", "set -uxo pipefail", *lines]) + "\n"), flush=True)


if __name__ == "__main__":
    main()
