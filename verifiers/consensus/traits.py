"""What one candidate's change says of itself, and how it fits the issue."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p, nan

import bm25s
import numpy as np

from agent.context.mentions import mentions_of, same_file
from agent.context.ranking import words as subwords
from agent.patch.tokens import is_comment, is_identifier
from environments.python_source import parse_python
from verifiers.consensus.shape import Shape
from verifiers.consensus.similarity import Array

OWN = ("added_lines", "removed_lines", "blocks", "files", "growth", "comments", "parses")
"""Of the patch itself; counts as log(1 + n), growth as the log-ratio of net added to net removed words."""
FIT = ("names_in_issue", "issue_names", "removed_in_issue", "lines_in_issue", "path_in_issue", "frame", "bm25")
"""Of its fit to the issue; NaN where there is no problem statement."""
TRAITS = (*OWN, *FIT)

_NAME = re.compile(r"[^\W\d]\w+")


@dataclass(frozen=True)
class _Issue:
    """A problem statement, read once for all candidates."""

    statement: str
    names: frozenset[str]
    lines: frozenset[str]
    frames: frozenset[str]
    """Files that its tracebacks run through."""

    @classmethod
    def read(cls, statement: str) -> _Issue:
        lines = (line.strip().lstrip("+->").strip() for line in statement.splitlines())
        return cls(
            statement=statement,
            names=frozenset(_NAME.findall(statement)),
            lines=frozenset(line for line in lines if len(line) > 3),
            frames=frozenset(path for path, _ in mentions_of(statement).lines),
        )


def traits(views: Sequence[Shape], issue: str) -> Array:
    """Return candidates x TRAITS."""
    own = np.array([_own(view) for view in views], dtype=np.float64).reshape(len(views), len(OWN))
    if not issue.strip():
        return np.hstack([own, np.full((len(views), len(FIT)), nan)])
    read = _Issue.read(issue)
    fit = np.array([_fit(view, read) for view in views], dtype=np.float64).reshape(len(views), len(FIT) - 1)
    return np.hstack([own, fit, _bm25(views, issue)[:, None]])


def _own(view: Shape) -> tuple[float, ...]:
    added, removed = view.added_lines, view.removed_lines
    return (
        log1p(len(added)),
        log1p(len(removed)),
        log1p(sum(len(file.blocks) for file in view.files)),
        log1p(len(view.files)),
        log1p(view.net_added.total()) - log1p(view.net_removed.total()),
        sum(map(is_comment, added)) / max(len(added), 1),
        _parses(view),
    )


def _parses(view: Shape) -> float:
    """Return the share of added blocks of Python that parse on their own; one half where there is none."""
    blocks = [block.added for file in view.files if file.path.endswith(".py") for block in file.blocks if block.added]
    return sum(map(_is_python, blocks)) / len(blocks) if blocks else 0.5


def _is_python(lines: Sequence[str]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the code, such as invalid escapes
        try:
            parse_python(textwrap.dedent("\n".join(lines)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _fit(view: Shape, issue: _Issue) -> tuple[float, ...]:
    removed = [word for word in view.removed if is_identifier(word)]
    known = view.new_names & issue.names
    return (
        len(known) / max(len(view.new_names), 1),
        log1p(len(known)),
        sum(word in issue.names for word in removed) / max(len(removed), 1),
        len(view.lines & issue.lines) / max(len(view.lines), 1),
        max((_named(path, issue.statement) for path in view.paths), default=0.0),
        float(any(same_file(frame, path) for frame in issue.frames for path in view.paths)),
    )


def _named(path: str, statement: str) -> float:
    """Return 1 where the issue names a path, or the module of it; one half where only the file's name."""
    module = path.removesuffix(".py").replace("/", ".")
    return 1.0 if path in statement or module in statement else 0.5 * (path.rpartition("/")[2] in statement)


def _bm25(views: Sequence[Shape], issue: str) -> Array:
    """Return how much more than its rivals each candidate's code speaks of the issue: BM25, best 1, mean 0."""
    corpus = [subwords(" ".join((*view.paths, *view.added_lines, *view.removed_lines))) for view in views]
    known = sorted(set(subwords(issue)) & {word for document in corpus for word in document})
    if len(views) < 2 or not known:
        return np.zeros(len(views))
    index = bm25s.BM25()
    index.index(corpus, show_progress=False)
    scores = np.asarray(index.get_scores(known), dtype=np.float64)
    centred = scores - scores.mean()
    return np.asarray(centred / max(float(centred.max()), 1e-9))
