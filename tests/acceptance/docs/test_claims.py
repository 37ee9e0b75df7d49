"""Every figure that the pages claim stands in the measurement that it is said to be from."""

import json

import pytest

from acceptance.docs import claims
from acceptance.record import MEASUREMENTS


@pytest.mark.parametrize("claim", claims.claims(), ids=lambda claim: f"{claim.page}: {claim.words[:60]}")
def test_a_page_says_what_was_measured(claim):
    assert claim.stands, f"{claim.page} should say: {claim.words}"


@pytest.mark.parametrize(
    "item, change, page",
    [
        ("pool", lambda found: found["sections"]["all"]["funnel"].update(tasks_resolved=3), "README.md"),
        ("selection_held_out", lambda found: found["rules"]["consensus"].update(gap_closed=0.3), "README.md"),
        ("selection", lambda found: found["rules"]["medoid"].update(gap_closed=0.2), "docs/consensus.md"),
        ("validate", lambda found: found.update(valid=157), "docs/swebench.md"),
    ],
)
def test_a_page_that_says_another_figure_is_told(item, change, page, tmp_path, monkeypatch):
    for file in MEASUREMENTS.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    found = json.loads((tmp_path / f"{item}.json").read_bytes())
    change(found)
    (tmp_path / f"{item}.json").write_text(json.dumps(found))
    monkeypatch.setattr(claims, "MEASUREMENTS", tmp_path)
    assert page in {claim.page for claim in claims.claims() if not claim.stands}
