"""The bot's one comment on an issue: found again by its hidden line, edited in place, never a second one."""

from __future__ import annotations

from github_bot.github.contract import Comment, Writer
from github_bot.marker import Marker, Run, marked, marker_of, unmarked, with_run
from github_bot.publish.ensure import ensure

_TRIES = 4
"""Of one edit, where others edit the comment at the same time."""


def own_comments(writer: Writer, repository: str, number: int) -> tuple[Comment, ...]:
    """Return the bot's own comments that have the hidden line, the oldest first."""
    me = writer.me().login
    found = writer.comments(repository, number)
    return tuple(one for one in found if one.author.login == me and marker_of(one.body) is not None)


def say(writer: Writer, repository: str, number: int, text: str, *, run_id: str = "", run: Run | None = None) -> int:
    """Make the bot's one comment say a text and return its id.

    Args:
        writer: GitHub.
        repository: ``owner/name``.
        number: the issue.
        text: Markdown; the hidden line is added.
        run_id: whose end this is; with ``run`` counted once however often it is said.
        run: what it took; None: nothing is counted.

    A comment is read and written back whole, and GitHub takes the last who writes: so it is read again afterwards, and
    a run that somebody else's edit has left out is entered once more.
    """
    id = _say(writer, repository, number, text, run_id=run_id, run=run)
    for _ in range(_TRIES - 1):
        if run is None or _counts(writer, repository, number, run_id, run):
            break
        id = _say(writer, repository, number, text, run_id=run_id, run=run)
    return id


def _counts(writer: Writer, repository: str, number: int, run_id: str, run: Run) -> bool:
    """Tell whether the comment's hidden line has a run as it was said, or an end of it."""
    found = next(iter(own_comments(writer, repository, number)), None)
    marker = marker_of(found.body) if found else None
    there = marker.runs.get(run_id) if marker else None
    return there is not None and (there == run or there.ended)


def _say(writer: Writer, repository: str, number: int, text: str, *, run_id: str, run: Run | None) -> int:
    def find() -> Comment | None:
        return next(iter(own_comments(writer, repository, number)), None)

    def make() -> Comment:
        return writer.create_comment(repository, number, marked(text, with_run(Marker(), run_id, run)))

    one = ensure(find, make)
    kept = _only(writer, repository, number) or one
    marker = marker_of(kept.body) or Marker()
    # An earlier run that is told of again changes nothing of what a later one said.
    is_earlier = run_id in list(marker.runs)[:-1]
    wanted = marked(unmarked(kept.body) if is_earlier else text, with_run(marker, run_id, run))
    if kept.body.replace("\r\n", "\n") != wanted:
        writer.update_comment(repository, kept.id, wanted)
    return kept.id


def _only(writer: Writer, repository: str, number: int) -> Comment | None:
    """Return the oldest of the bot's comments and remove the others: two workers at once may have made one each."""
    found = own_comments(writer, repository, number)
    for other in found[1:]:
        writer.delete_comment(repository, other.id)
    return next(iter(found), None)
