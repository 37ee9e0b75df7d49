"""What the pages claim in figures, each sentence or row made of the measurement that it rests on.

A page that says another figure than its measurement fails the test of this module; ``python -m acceptance.docs.claims``
lists what each page should say and does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acceptance.record import MEASUREMENTS, ROOT

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Claim:
    """Words that must stand on a page, however its lines are broken."""

    page: str
    words: str

    @property
    def stands(self) -> bool:
        """Tell whether the page says it."""
        return self.words in " ".join((ROOT / self.page).read_text().split())


def claims() -> list[Claim]:
    """Return every claim that is checked."""
    return [*_readme(), *_fresh(), *_context(), *_consensus(), *_swebench(), *_fix()]


def _readme() -> Iterator[Claim]:
    selection, apart = _measured("selection"), _measured("selection_held_out")["rules"]
    sections, lite = _measured("pool")["sections"], _measured("lite")
    pool, before = sections["all"], _measured("pool_before")["sections"]["all"]
    funnel, told, lost, tasks = pool["funnel"], sections["example"], pool["losses"], pool["tasks"]
    tampering, validated, graded = _measured("tampering"), _measured("validate"), _measured("graded_patches")
    demo = _measured("demo")
    low, high = demo["resolved_interval"]
    by_seed = ", ".join(str(one["resolved"]) for one in demo["seeds"].values())
    agents, written = _measured("agents"), _measured("agents_embedded")
    ours, theirs, tools = (written["ways"][name] for name in ("runoff", "mini-swe-agent", "runoff, tools"))
    step = {name: parts["own"]["p50_ms"] for name, parts in agents["per_step"].items()}
    live = {name: part["seconds"] for name, part in agents["live"].items()}
    rule = selection["rules"]["consensus"]
    best = pool["curves"]["rules"]["decision"][-1]["best"]
    for words in (
        f"{demo['resolved']} of {demo['n']} are resolved ({by_seed} of 4; 95% interval {low:.0%} to {high:.0%})",
        f"{written['n']} `starter` tasks drawn by seed, {written['written_tokens']} written tokens each. "
        f"Runoff resolves {ours['resolved']} (95% interval {_shares(ours['interval'])}), mini-swe-agent "
        f"{theirs['resolved']} ({_shares(theirs['interval'])}); Runoff's own `tools`, the scaffold of strong models, "
        f"{tools['resolved']} as well",
        f"({ours['read_mean']:,.0f} tokens a task; mini-swe-agent {theirs['read_mean']:,.0f}) and took "
        f"{ours['seconds_mean']:.0f} s a task against {theirs['seconds_mean']:.0f} s",
        f"{step['runoff']:.1f} ms at the median (mini-swe-agent {step['mini-swe-agent']:.1f} ms); "
        f"{agents['live']['runoff']['count']} trajectories live at once ended after {live['runoff']:.0f} s "
        f"(mini-swe-agent's after {live['mini-swe-agent']:.0f} s)",
        f"({selection['n']} tasks, {selection['rows']:,} patches",
        f"{_percent(selection['random']['value'])} are right at random",
        f"{_percent(selection['oracle']['value'])} at best",
        f"`consensus` is right on {_percent(rule['best'])}",
        f"closes {_percent(rule['gap_closed'])} of that gap",
        f"it closes {_percent(apart['consensus']['gap_closed'])} (interval {_span(apart['consensus'])})",
        f"`medoid`, which is fitted on nothing, closes {_percent(apart['medoid']['gap_closed'])}",
        f"{funnel['tasks_resolved']} of {tasks} `starter` tasks",
        f"({_span_of(best)}; {before['funnel']['tasks_resolved']} before it sampled)",
        f"{told['funnel']['tasks_resolved']} of the {told['tasks']} whose issue shows an example",
        f"it was right in {funnel['stood_by_resolved']} of {funnel['stood_by']}",
        f"a single call of the same model resolved {before['single']['pass_at_1']['value'] * tasks:.0f} on average",
        f"no patch is right ({lost['wrong fix']}",
        f"{lite['resolved']} of {lite['n']} instances of SWE-bench Lite",
        f"{validated['valid']} of {validated['n']} instances",
        f"{graded['agree']} of {graded['n']} published patches",
        f"none of {tampering['n']} patches that steer the tests",
        f"the official definition takes {tampering['official_verdict_resolved']} of them for resolved",
    ):
        yield Claim("README.md", words)


def _fresh() -> Iterator[Claim]:
    sections = _measured("pool_fresh")["sections"]
    all_, told = sections["all"], sections["example"]
    funnel, resolved = all_["funnel"], all_["resolved"]
    span = f"{resolved['low']:.0%} to {resolved['high']:.0%}"
    yield Claim("README.md", f"of {all_['tasks']} tasks of {all_['clusters']} packages that nobody had looked at")
    yield Claim("README.md", f"{funnel['tasks_resolved']} are resolved (95% interval {span})")
    yield Claim("README.md", f"{told['funnel']['tasks_resolved']} of the {told['tasks']} with an example")
    yield Claim("README.md", f"{funnel['stood_by_resolved']} of the {funnel['stood_by']} patches that it stood by")


def _context() -> Iterator[Claim]:
    found = _measured("context_lite")
    large, small = (found["budgets"][tokens] for tokens in ("32000", "4000"))
    yield Claim("README.md", f"({found['n']} rows of SWE-bench Lite of {found['clusters']} repositories;")
    for page in ("README.md", "docs/models.md"):
        yield Claim(
            page,
            f"32,000 tokens show some of every changed file for {_shown(large['all_files'])} and every changed line "
            f"for {_shown(large['all_lines'])}; 4,000 tokens for {_shown(small['all_files'])} and "
            f"{_shown(small['all_lines'])}",
        )


def _shown(estimate: Figures) -> str:
    return f"{estimate['value']:.0%} ({estimate['low']:.0%} to {estimate['high']:.0%})"


def _consensus() -> Iterator[Claim]:
    page, found = "docs/consensus.md", _measured("selection")
    apart, controls, half = _measured("selection_held_out")["rules"], found["controls"], found["confidence"]["half"]
    yield Claim(
        page, f"closes {_percent(apart['consensus']['gap_closed'])} of the gap there ({_span(apart['consensus'])})"
    )
    yield Claim(page, f"the medoid {_percent(apart['medoid']['gap_closed'])}")
    rules = {name: found["rules"][name] for name in ("first", "majority", "medoid")}
    rules |= {"**consensus**": found["rules"]["consensus"], "control: formatting alone": controls["formatting"]}
    for name, rule in {**rules, "control: knows the system": controls["knows_the_system"]}.items():
        spans = [_ends(rule["gap_closed_ci"]), _ends(rule["gap_closed_ci_tasks"])]
        yield Claim(page, _row(name, _percent(rule["best"]), _percent(rule["gap_closed"]), *spans))
    yield Claim(page, f"calibration error {found['confidence']['ece']:.3f}")
    yield Claim(
        page, f"{_percent(half['precision'])} are right against {_percent(found['confidence']['overall'])} overall"
    )
    for point in found["curves"][1:]:
        gaps = [_whole(point["rules"][name]["gap_closed"]) for name in ("majority", "medoid", "consensus")]
        shares = (_percent(point["random"]), _percent(point["oracle"]))
        yield Claim(page, _row(point["k"], point["tasks"], *shares, *gaps))
    for group in controls["groups"]:
        gaps = [_whole(group["rules"][name]["gap_closed"]) for name in ("majority", "medoid", "consensus")]
        shares = (_percent(group["random"]), _percent(group["oracle"]))
        sure = (_percent(group["mean_confidence"]), _percent(group["precision"]))
        yield Claim(page, _row(group["family"], group["tasks"], group["rows"], *shares, *gaps, *sure))
    for out in controls["left_out"]:
        without, beside = out["without"], _whole(out["with_its_rows"]["gap_closed"])
        span = f"{_whole(without['gap_closed'])} ({_ends(without['gap_closed_ci_tasks'])})"
        yield Claim(page, _row(out["family"], out["tasks"], span, beside))


def _swebench() -> Iterator[Claim]:
    page, validated, fresh = "docs/swebench.md", _measured("validate"), _measured("validate_fresh")
    yield Claim(page, f"{validated['valid']} of {validated['n']} are sound")
    yield Claim(page, f"Of {fresh['n']} more")
    yield Claim(page, f"{fresh['valid']} were sound at once")
    yield Claim(page, f"{validated['n']} tasks stand on {validated['environment_layers']} environment layers")
    yield Claim(page, f"{validated['added_mb_median']:.0f} MB and {_measured('builds')['seconds_median']:.0f} s")


def _fix() -> Iterator[Claim]:
    tests = _measured("fix_tests")
    given, right, kept = (tests[what] for what in ("handed_over", "resolved_all_that_failed", "abstained"))
    yield Claim("docs/fix.md", f"{tests['n']} checkouts with a failing test alone")
    yield Claim("docs/fix.md", f"{given} patch was handed over and {right} right; {kept} times it abstained")


def _measured(item: str) -> Figures:
    found: Figures = json.loads((MEASUREMENTS / f"{item}.json").read_bytes())
    return found


def _shares(interval: Sequence[float]) -> str:
    low, high = interval
    return f"{low:.0%} to {high:.0%}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def _whole(share: float) -> str:
    return f"{share * 100:.0f}%"


def _ends(interval: Sequence[float]) -> str:
    low, high = interval
    return f"{low * 100:.0f} to {high * 100:.0f}%"


def _span(rule: Figures) -> str:
    return _ends(rule["gap_closed_ci"])


def _span_of(estimate: Figures) -> str:
    return f"{_whole(estimate['value'])}, 95% interval {_ends((estimate['low'], estimate['high']))}"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """List the claims that do not stand."""
    missing = [claim for claim in claims() if not claim.stands]
    for claim in missing:
        print(f"{claim.page} should say: {claim.words}")
    raise SystemExit(1 if missing else 0)


if __name__ == "__main__":
    main()
