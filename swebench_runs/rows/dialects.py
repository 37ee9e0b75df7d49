"""How data sets spell a row: one entry of the table for each that is not spelt as SWE-bench's are.

A new data set is one entry: its ``signs`` tell its rows from all others, ``read`` takes one apart and returns
SWE-bench's keys (``swebench_runs.rows.row.Row``). What ``read`` returns is checked there, so it checks nothing itself;
where a value is of another shape than it expects it may raise KeyError, TypeError, ValueError or AttributeError, and
that row is told to be none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Dialect:
    """One data set's way to write a row."""

    name: str
    signs: frozenset[str]
    """Keys, in small letters, that each of its rows has and no other data set's has together."""
    columns: frozenset[str]
    """The keys that ``read`` looks at, in small letters: of a parquet file only these are read."""
    read: Callable[[Values], dict[str, Any]]
    """From its keys (in small letters) and values to SWE-bench's."""


def _multi_swe_bench(row: Values) -> dict[str, Any]:
    issues = row["resolved_issues"] or [{"title": row.get("title"), "body": row.get("body")}]
    fixed = [name for kind in ("f2p_tests", "s2p_tests", "n2p_tests") for name in row.get(kind) or ()]
    return {
        "repo": f"{row['org']}/{row['repo']}",
        "instance_id": row.get("instance_id") or f"{row['org']}__{row['repo']}-{row['number']}",
        "base_commit": row["base"]["sha"],
        "problem_statement": "\n\n".join(
            f"{issue.get('title') or ''}\n\n{issue.get('body') or ''}" for issue in issues
        ),
        "patch": row["fix_patch"],
        "test_patch": row.get("test_patch"),
        "FAIL_TO_PASS": fixed,
        "PASS_TO_PASS": list(row.get("p2p_tests") or ()),
    }


def _r2e_gym(row: Values) -> dict[str, Any]:
    return {
        "repo": row["repo_name"],
        "instance_id": f"{row['repo_name'].replace('/', '__')}-{row['commit_hash'][:12]}",
        "problem_statement": row["problem_statement"],
        "docker_image": row["docker_image"],  # its tree is the one before the commit, which has no name of its own
    }


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "Multi-SWE-bench",
        signs=frozenset({"org", "number", "fix_patch", "base"}),
        columns=frozenset(
            {"org", "repo", "number", "instance_id", "base", "resolved_issues", "title", "body", "fix_patch"}
            | {"test_patch", "f2p_tests", "s2p_tests", "n2p_tests", "p2p_tests"}
        ),
        read=_multi_swe_bench,
    ),
    Dialect(
        "R2E-Gym",
        signs=frozenset({"repo_name", "commit_hash", "docker_image"}),
        columns=frozenset({"repo_name", "commit_hash", "docker_image", "problem_statement"}),
        read=_r2e_gym,
    ),
)
"""Beside SWE-bench's own, which SWE-bench Pro, Live and Multilingual, SWE-rebench, SWE-Gym and SWE-smith speak."""


def in_swe_bench_words(values: Values, known: Mapping[str, str]) -> dict[str, Any]:
    """Return a row under SWE-bench's keys, whichever data set it is of and whether or not its keys are in capitals.

    ``known``: SWE-bench's keys in small letters -> as they are. Raises ValueError, naming the data set.
    """
    small = {str(key).lower(): value for key, value in values.items()}
    for dialect in DIALECTS:
        if small.keys() >= dialect.signs and not small.keys() >= {"repo", "instance_id", "base_commit"}:
            try:
                return dialect.read(small)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise ValueError(f"is no row of {dialect.name}: {type(error).__name__}: {error}") from None
    said = {known[key]: value for key, value in small.items() if key in known}
    return {**said, **{key: values[key] for key in said if key in values}}  # of two spellings SWE-bench's own


def columns(known: Mapping[str, str]) -> frozenset[str]:
    """Return every key that may be read of a row, in small letters."""
    return frozenset(known).union(*(dialect.columns for dialect in DIALECTS))
