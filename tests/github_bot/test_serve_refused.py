"""What `runoff bot serve` says where it cannot serve: one line, and no traceback."""

import socket

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from swebench_runs.cli import run_command


def pem(key):
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def served(tmp_path, monkeypatch, capfd, key, *arguments):
    """Return the exit code of the command with this private key, and what it says."""
    (tmp_path / "app.pem").write_text(key)
    monkeypatch.setenv("RUNOFF_BOT_WEBHOOK_SECRET", "a secret of some length")
    at = ("--app-id", "1", "--private-key", str(tmp_path / "app.pem"), "--state", str(tmp_path / "state"))
    return run_command(["bot", "serve", *at, *arguments]), capfd.readouterr().err.strip()


@pytest.mark.parametrize(
    "key, told",
    [
        ("", "no private key in PEM form"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n", "no private key in PEM form"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "a key that is not RSA"),
    ],
    ids=["empty", "cut", "another kind"],
)
def test_a_key_file_that_is_none(tmp_path, monkeypatch, capfd, key, told):
    code, said = served(tmp_path, monkeypatch, capfd, key)
    assert (code, len(said.splitlines())) == (2, 1)
    assert told in said
    assert "take the .pem file" in said


def test_a_port_that_cannot_be(tmp_path, monkeypatch, capfd):
    code, said = served(tmp_path, monkeypatch, capfd, "", "--port", "99999")
    assert code == 2
    assert said.startswith("runoff: Invalid value for '--port'")
    assert "65535" in said


def test_a_port_that_is_taken(tmp_path, monkeypatch, capfd, app_keys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, said = served(tmp_path, monkeypatch, capfd, app_keys[0], "--port", str(taken.getsockname()[1]))
    assert (code, len(said.splitlines())) == (2, 1)
    assert "cannot listen at 127.0.0.1" in said
