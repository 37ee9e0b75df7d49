"""How fast the embedded server is by how it is served; ``runoff bench model`` on a quiet machine, kept and judged."""

from __future__ import annotations

import json
from typing import Any

from acceptance.commands import run, runoff
from acceptance.record import ROOT, Record, recording

ROWS = ROOT / "runs" / "local-server.json"
"""What ``runoff bench model`` keeps, so that an interrupted measurement goes on."""
ROUNDS = 2
USED = "base"
"""The setting that runs use."""
FASTER = 1.3
"""By how much guessing must speed up a rewritten function, which copies most of its tokens."""
SLOWER = 0.9
"""How much slower single lines and several answers may be for it."""
LIMIT = 60 * 60.0


def main() -> None:
    """Measure every setting, and check that what runs use is not slower than without."""
    with recording(Record("local_server", n=ROUNDS, unit="rounds", seed=1)) as record:
        done = run(runoff("bench", "model", "--rounds", str(ROUNDS), "--json", str(ROWS)), timeout=LIMIT)
        record.check("the measurement comes to its end", done.exit_code == 0, done.last_line)
        judge(record, json.loads(ROWS.read_bytes()))


def judge(record: Record, figures: dict[str, Any]) -> None:
    """Put the figures on record, without the texts that were written, and check those of what runs use."""
    left_out = ("rewritten", "infilled")
    rows = [{key: value for key, value in row.items() if key not in left_out} for row in figures["rows"]]
    record.figures |= {"settings": figures["settings"], "rows": rows}
    if (busiest := max(row["load_average"] for row in rows)) > figures["machine"]["cores"]:
        record.notes.append(f"the load average rose to {busiest}: compare ratios within a round, not the figures")
    plain = figures["settings"]["no guessing"]
    ratios = {name: told["median"] for name, told in plain["ratios"].items()}
    record.check(
        f"a function is rewritten at least {FASTER} times as fast with guessing",
        1 / ratios["rewrite_tokens_per_s"] >= FASTER,
        f"{1 / ratios['rewrite_tokens_per_s']:.2f} times",
    )
    for name in ("infills_per_minute", "choices_tokens_per_s"):
        record.check(f"{name}: hardly slower for it", 1 / ratios[name] >= SLOWER, f"{1 / ratios[name]:.2f} times")
    record.check("guessing changes no text", plain["same_text"], plain["same_text"])


if __name__ == "__main__":
    main()
