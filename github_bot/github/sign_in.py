"""Who the bot is at GitHub: by a token (a workflow's, a person's), or as a GitHub App, with no more than it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from githubkit import AppAuthStrategy

from github_bot.errors import GitHubError, NotConfigured
from github_bot.github.client import GitHubWriter
from github_bot.github.connection import App, Connection, CurrentToken

Level = Literal["read", "write"]


def by_token(token: str | Callable[[], str], *, api: str = "", me: str = "", patience: float = 1.0) -> GitHubWriter:
    """Return a client by a token; what it may is the token's own business, and phase one gets one that only reads.

    ``token``: or what tells it, asked at each request: work may last longer than one token does. NotConfigured.
    """

    def current() -> str:
        said = (token if isinstance(token, str) else token()).strip()
        if not said or not said.isascii() or any(letter.isspace() for letter in said):
            raise NotConfigured("there is no token of GitHub: set GITHUB_TOKEN (in a workflow: ${{ github.token }})")
        return said

    current()
    return GitHubWriter(Connection(CurrentToken(current), api=api, patience=patience), me)


def key_problem(key: str) -> str:
    """Return what is wrong with the text of an App's private key; empty where GitHub's signatures can be made by it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = load_pem_private_key(key.encode(), password=None)
    except TypeError:
        return "a key that a password protects"
    except (ValueError, UnsupportedAlgorithm):
        return "no private key in PEM form"
    return "" if isinstance(found, RSAPrivateKey) else "a key that is not RSA"


def app_token(app: App, repository: str, level: Level, *, api: str = "", patience: float = 1.0) -> tuple[str, str]:
    """Return a token of an App's installation, good for one repository and an hour, and the login that it acts by."""
    with Connection(AppAuthStrategy(app.id, app.private_key), api=api, patience=patience) as itself:
        shown, installation = itself.get("app"), itself.get("repos", repository, "installation")
        if shown is None:
            raise GitHubError(f"GitHub knows no App {app.id}: check its id and its private key")
        if installation is None:
            raise GitHubError(f"the App {shown['slug']} is not installed on {repository}: install it there")
        made = itself.post(
            *("app", "installations", installation["id"], "access_tokens"),
            repositories=[repository.split("/")[1]],
            permissions={
                "metadata": "read",
                "contents": level,
                "issues": level,
                "pull_requests": level,
                "checks": "read",
                "actions": "read",
            },
        )
    return str(made["token"]), f"{shown['slug']}[bot]"
