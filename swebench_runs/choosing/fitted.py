"""The fitted file that a command works with."""

from __future__ import annotations

from pathlib import Path

from swebench_runs.errors import UsageError
from verifiers.consensus import Consensus


def consensus_verifier(path: Path | None) -> Consensus:
    """Return the verifier that `runoff verifier fit` wrote there, else the packaged one. Raises UsageError."""
    try:
        return Consensus.packaged() if path is None else Consensus.load(path)
    except OSError as error:
        raise UsageError(f"--verifier {path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"--verifier {error}") from None
