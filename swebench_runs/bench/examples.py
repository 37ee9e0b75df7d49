"""What the converter of code examples makes of real issues: how many it converts, by form; nothing is executed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from environments.workbench.scripts.python_text import parse
from swebench_runs.run_folder.computer import computer, versions
from verifiers.examples import Conversion, convert_examples
from verifiers.examples.blocks import BlockKind, split_blocks


def measure_examples(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Convert every row's problem statement, the only field that is looked at; return counts of issues and scripts.

    ``complete``: every name is bound without looking into the repository, which a run does beside. ``strong``: the
    script knows the right outcome, not only the wrong one.
    """
    statements = [str(row["problem_statement"]) for row in rows]
    conversions = [convert_examples(statement) for statement in statements]
    scripts = [example for conversion in conversions for example in conversion.examples]
    return {
        "n": len(statements),
        "issues": {
            "with_code": sum(_has_code(statement) for statement in statements),
            "converted": sum(bool(conversion.examples) for conversion in conversions),
            "converted_strong": sum(any(not e.weak for e in c.examples) for c in conversions),
            "converted_complete": sum(any(not e.unbound for e in c.examples) for c in conversions),
        },
        "scripts": {
            "all": len(scripts),
            "valid_python": sum(parse(example.test.source) is not None for example in scripts),
            "complete": sum(not example.unbound for example in scripts),
            "strong": sum(not example.weak for example in scripts),
            "by_form": dict(sorted(Counter(example.form for example in scripts).items())),
        },
        "left_out": _left_out(conversions),
        "versions": versions(),
        "machine": computer(),
    }


def _has_code(statement: str) -> bool:
    return any(block.kind is not BlockKind.PROSE for block in split_blocks(statement))


def _left_out(conversions: Iterable[Conversion]) -> dict[str, int]:
    reasons = Counter(note.partition(": line")[0] for conversion in conversions for note in conversion.notes)
    return dict(reasons.most_common())
