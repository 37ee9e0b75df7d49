"""One thing, made once: looked for before it is made, and again where nobody knows whether it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from github_bot.errors import GitHubError, Unanswered

_TRIES = 3
Made = TypeVar("Made")


def ensure(find: Callable[[], Made | None], make: Callable[[], Made]) -> Made:
    """Return what ``find`` finds, or else what ``make`` made.

    Where GitHub does not answer it may have been made all the same; where it refuses, another may have been faster.
    """
    for _ in range(_TRIES - 1):
        if (found := find()) is not None:
            return found
        try:
            return make()
        except Unanswered:
            continue
        except GitHubError:
            if (found := find()) is not None:
                return found
            raise
    return found if (found := find()) is not None else make()
