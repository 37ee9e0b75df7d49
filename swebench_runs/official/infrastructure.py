"""Signs in a log that the machine failed and not the patch. Advice for who reads it: it never changes a verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """How sure a sign is."""

    ENVIRONMENT = "environment"
    """No patch of a repository does this."""
    AMBIGUOUS = "ambiguous"
    """A broken environment does it, and so may a bad patch."""


@dataclass(frozen=True)
class Sign:
    """A reason, in the official report's words, and how sure it is."""

    reason: str
    tier: Tier


_SIGNS = {
    Sign("browser_launch_failed", Tier.ENVIRONMENT): r"Failed to launch|Failed to connect to the bus",
    Sign("display_unavailable", Tier.ENVIRONMENT): r"cannot open display|Missing X server|unable to open X display",
    Sign("out_of_memory", Tier.ENVIRONMENT): r"Cannot allocate memory|OutOfMemoryError|^Killed$",
    Sign("container_unavailable", Tier.ENVIRONMENT): r"Error response from daemon|Cannot connect to the Docker daemon",
    Sign("network_unreachable", Tier.ENVIRONMENT): r"Could not resolve host|Temporary failure in name resolution",
    Sign("missing_module", Tier.AMBIGUOUS): r"Cannot find module|MODULE_NOT_FOUND|ModuleNotFoundError",
    Sign("no_tests_collected", Tier.AMBIGUOUS): r"no tests ran|collected 0 items",
    Sign("tests_timed_out", Tier.AMBIGUOUS): r"Timeout error: \d+ seconds exceeded",
}
_COMPILED = {sign: re.compile(pattern, re.MULTILINE) for sign, pattern in _SIGNS.items()}
_SUMMARY = re.compile(
    r"^=* ?(no tests ran|\d+ (?:passed|failed|error|skipped|xfailed|xpassed|deselected)).* in [\d.]+", re.M
)
"""The last line of a run of pytest; a test of pytest's own, or of a plugin, prints those of its inner runs before."""


def infrastructure_sign(log: str) -> Sign | None:
    """Return the first sign, in the official order (swebench 5.0.2, ``infra_failure.py``); None without one.

    Unlike there, what inner runs of pytest print inside a test says nothing of the tests as a whole.
    """
    return next((sign for sign, pattern in _COMPILED.items() if pattern.search(log) and not _is_inner(sign, log)), None)


def _is_inner(sign: Sign, log: str) -> bool:
    if sign.reason != "no_tests_collected":
        return False
    runs = _SUMMARY.findall(log)
    return bool(runs) and runs[-1] != "no tests ran"
