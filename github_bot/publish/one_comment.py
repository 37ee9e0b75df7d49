"""The bot's one comment on an issue: found again by its hidden line, edited in place, never a second one."""

from __future__ import annotations

from github_bot.github.contract import Comment, Writer
from github_bot.marker import Marker, Run, marked, marker_of, unmarked, with_run
from github_bot.publish.ensure import ensure


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
    """

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
