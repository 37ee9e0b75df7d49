import gzip
import json
from pathlib import Path

import pytest

from swebench_runs.bench.examples import measure_examples
from swebench_runs.rows.datasets import SUBSETS, data_folder, read_rows

LITE = data_folder() / SUBSETS["lite"]
COMMITTED = Path(__file__).resolve().parents[3] / "docs" / "measurements" / "examples_lite.json"


def test_counts_by_issue_and_by_script(tmp_path):
    statements = [
        "T\n```python\nfrom pkg import f\nf(1)  # returns 3, expected 4\nf(2)  # -> 3\n```\n",
        "T\n\n`g(1)` returns `1` instead of `2`.",
        "T\n```\nlog\n```\n",
        "Nothing here.",
    ]
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps({"problem_statement": s}) for s in statements).encode()))

    found = measure_examples(read_rows(path))

    assert found["n"] == 4
    assert found["issues"] == {"with_code": 2, "converted": 2, "converted_strong": 2, "converted_complete": 1}
    assert found["scripts"] == {
        "all": 3,
        "valid_python": 3,
        "complete": 2,
        "strong": 2,
        "by_form": {"prose": 1, "script": 2},
    }


@pytest.mark.skipif(not LITE.exists(), reason="SWE-bench Lite's rows are not here")
def test_lite_converts_as_the_committed_measurement_says():
    found = measure_examples(read_rows(LITE))
    committed = json.loads(COMMITTED.read_text())
    assert found["n"] == 300
    for part in ("issues", "scripts", "left_out"):
        assert found[part] == committed[part]
    assert found["scripts"]["valid_python"] == found["scripts"]["all"]
