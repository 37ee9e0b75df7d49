"""How fast the embedded server is by how it is served; ``runoff bench model`` on a quiet machine, kept and judged."""

from __future__ import annotations

import json
from typing import Any

from acceptance.commands import run, runoff
from acceptance.record import ROOT, Record, recording

ROWS = ROOT / "runs" / "local-server.json"
"""What ``runoff bench model`` keeps, so that an interrupted measurement goes on."""
ROUNDS = 2
GUESSING = "ngram-mod"
"""What runs do without: llama.cpp tells no likelihood of guessed tokens, by which samples are drawn and ranked."""
SLOWER = 0.9
"""How much slower single lines and several answers may be without it."""
LIMIT = 60 * 60.0


def main() -> None:
    """Measure every setting, and check that what runs use is hardly slower than guessing at what samples ask."""
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
    guessing = figures["settings"][GUESSING]
    ratios = {name: told["median"] for name, told in guessing["ratios"].items()}
    record.notes.append(f"guessing would rewrite a function {ratios['rewrite_tokens_per_s']:.2f} times as fast")
    for name in ("infills_per_minute", "choices_tokens_per_s"):
        record.check(
            f"{name}: hardly slower without guessing", 1 / ratios[name] >= SLOWER, f"{1 / ratios[name]:.2f} times"
        )
    record.check("guessing changes no text", guessing["same_text"], guessing["same_text"])


if __name__ == "__main__":
    main()
