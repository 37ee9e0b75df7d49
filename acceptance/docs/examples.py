"""Item 7: what the documents promise a stranger: one file shows how a task is resolved, and every example runs."""

from __future__ import annotations

import ast
import re
import sys
import tempfile
from pathlib import Path

from acceptance.commands import Done, run
from acceptance.record import ROOT, Record, recording

PAGE = ROOT / "docs" / "extending.md"
PIPELINE = ROOT / "swebench_runs" / "pipeline.py"
ROOMS = ("environments", "agent", "verifiers", "selection", "swebench_runs", "github_bot")
SECTIONS = ("A rule", "A judge", "A scaffold", "A data set", "A sandbox")
STAGES = (
    *("convert_issue", "build_context", "run_base_suite", "write_tests", "edit"),
    *("gather", "vote", "judge", "run_off", "decide"),
)
"""The calls that resolve a task, in order."""
LONGEST = 40
TIMEOUT = 120.0


def main() -> None:
    """Run the examples and find the one file."""
    with recording(Record("docs", n=len(SECTIONS), unit="examples")) as record:
        found = examples(PAGE.read_text())
        record.check("there is an example of each", tuple(found) == SECTIONS, ", ".join(found))
        for section, blocks in found.items():
            longest = max(block.count("\n") for block in blocks)
            done = try_out("\n".join(blocks))
            record.check(f"{section}: the example runs", done.exit_code == 0, f"{done.seconds:.1f} s: {done.last_line}")
            record.check(f"{section}: a block has at most {LONGEST} lines", longest <= LONGEST, f"{longest} lines")
        files = [str(path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).rglob("*.py") if tells(path)]
        only = str(PIPELINE.relative_to(ROOT))
        record.check("one file calls every stage, in order", files == [only], ", ".join(files) or "none")


def examples(page: str) -> dict[str, list[str]]:
    """Return section -> its blocks of Python, which make one program together."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        if blocks := re.findall(r"^```python\n(.*?)^```$", part, flags=re.MULTILINE | re.DOTALL):
            found[part.splitlines()[0].strip()] = blocks
    return found


def try_out(program: str) -> Done:
    """Run an example as a user would: saved to a file and given to Python, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "example.py"
        file.write_text(program)
        return run([sys.executable, str(file)], cwd=Path(folder), timeout=TIMEOUT, quiet=True)


def tells(path: Path) -> bool:
    """Tell whether one function of a file calls every stage, in order."""
    functions = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.FunctionDef)]
    return any(_subsequence(STAGES, calls(function)) for function in functions)


def calls(function: ast.FunctionDef) -> list[str]:
    """Return the names of what a function calls, in order of the source."""
    found = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return [ast.unparse(node.func).rpartition(".")[2] for node in found]


def _subsequence(wanted: tuple[str, ...], names: list[str]) -> bool:
    rest = iter(names)
    return all(name in rest for name in wanted)


if __name__ == "__main__":
    main()
