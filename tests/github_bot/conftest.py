"""GitHub on loopback, and clients of it."""

import shutil

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from standin import GitHubStandIn
from standin.git_store import GitStore

from github_bot.github.sign_in import by_token

FILES = {
    "shop/__init__.py": "from shop.price import total\n",
    "shop/price.py": "def total(prices):\n    return sum(prices[1:])\n",
    "tests/test_price.py": "from shop import total\n\n\ndef test_nothing():\n    assert total([]) == 0\n",
    "poetry.lock": "# locked\n",
    ".github/workflows/ci.yml": "on: push\n",
}


@pytest.fixture(scope="session")
def laid(tmp_path_factory):
    """A folder of repositories with octo/shop in it, to be copied: git is started a dozen times for it."""
    folder = tmp_path_factory.mktemp("github")
    GitStore(folder / "octo/shop.git").lay(FILES)
    return folder


@pytest.fixture
def github(laid, tmp_path):
    """A stand-in with a repository octo/shop and an issue 1; nothing may be asked against GitHub's description."""
    with GitHubStandIn(shutil.copytree(laid, tmp_path / "github")) as server:
        server.state.issue("eve", "total loses the first price", "`total([3, 4])` is 4, expected 7")
        yield server
        assert server.state.violations == []


@pytest.fixture
def writer(github):
    """A client with the permissions of phase two."""
    token = github.state.token("github-actions[bot]", contents="write", issues="write", pull_requests="write")
    with by_token(token, api=github.url, patience=0.01) as client:
        yield client


@pytest.fixture(scope="session")
def app_keys():
    """The private and the public key of the App."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
