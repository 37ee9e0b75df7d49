"""The repository at one commit, in a folder of the bot's own, fetched with a token that git alone sees."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from environments.errors import RepositoryError
from environments.host_git import GitRefusal, run_git
from environments.trees.repositories.borrowed import borrowed, git_errors
from environments.trees.repositories.checkout import check_out
from github_bot.errors import GitHubError

SECONDS = 900.0


def checked_out(url: str, commit: str, folder: Path, token: str = "") -> Path:
    """Write a commit's files to a new folder below ``folder`` and return it; GitHubError with git's own reason.

    Files are as the repository has them: no filter and no hook is run, no submodule fetched, no history kept. The token
    is handed to git by its environment and is in no file, no argument and no remote.
    """
    bare, tree = folder / "fetched.git", folder / _name_of(url)
    try:
        run_git(folder, "init", "--quiet", "--bare", str(bare))
        run_git(
            bare,
            *("fetch", "--quiet", "--depth=1", "--no-tags", "--", url, commit),
            settings=True,
            timeout=SECONDS,
            variables=_with(token, url),
        )
    except GitRefusal as error:
        raise GitHubError(f"cannot fetch {commit[:12]} of {url}: {error.reason}") from None
    except RepositoryError as error:
        raise GitHubError(f"cannot fetch {commit[:12]} of {url}: {error}") from None
    with git_errors(f"cannot write the files of {url}"), borrowed(bare, folder) as git:
        check_out(git, commit, tree)
    return tree


def _name_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2].removesuffix(".git")


def _with(token: str, url: str) -> dict[str, str]:
    """Return git's variables by which it shows the token to the host of ``url``, and to no other."""
    if not token:
        return {}
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    basic = b64encode(f"x-access-token:{token}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{scheme}://{host}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }
