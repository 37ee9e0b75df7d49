"""What an official harness says of logs. Run by a Python that has swebench 4.1.0 or 5.0.2, and nothing of ours.

One JSON object a line comes in (``id``, ``log`` (a path), ``patch``, and ``row``: instance_id, repo, version,
log_parser, eval_type, FAIL_TO_PASS, PASS_TO_PASS), one goes out: ``id`` and ``report``, or ``error`` where the harness
itself broke.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from typing import Any

STUMBLES = (LookupError, ValueError, TypeError, AttributeError, SyntaxError)
"""What a log makes the harness break with."""


def specification(row: dict[str, Any]) -> Any:
    """Return the row as the installed harness wants it."""
    lists = {name: row[name] for name in ("FAIL_TO_PASS", "PASS_TO_PASS")}
    common = {"instance_id": row["instance_id"], "repo": row["repo"], "version": row["version"] or "", **lists}
    if version("swebench").startswith("5."):
        from swebench.types import TestSpec

        parser = {"log_parser": row["log_parser"], "eval_type": row["eval_type"]}
        return TestSpec(image="", eval_script_list=[], **common, **parser)
    from swebench.harness.constants import MAP_REPO_VERSION_TO_SPECS
    from swebench.harness.test_spec.test_spec import TestSpec as Classic

    if not row["version"]:  # it looks up the test command, and then makes nothing of it
        common["version"] = next(iter(MAP_REPO_VERSION_TO_SPECS[row["repo"]]))
    scripts: dict[str, list[str]] = {"repo_script_list": [], "eval_script_list": [], "env_script_list": []}
    return Classic(arch="x86_64", language="py", docker_specs={}, namespace=None, **common, **scripts)


def main() -> None:
    """Answer line by line."""
    from swebench.harness.grading import get_eval_report

    for line in sys.stdin:
        case = json.loads(line)
        prediction = {
            "instance_id": case["row"]["instance_id"],
            "model_name_or_path": "any",
            "model_patch": case["patch"],
        }
        answer: dict[str, Any] = {"id": case["id"]}
        try:
            spec = specification(case["row"])
            answer["report"] = get_eval_report(spec, prediction, case["log"], include_tests_status=True)
        except STUMBLES as error:
            answer["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
