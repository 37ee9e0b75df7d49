"""Secrets in what is to be posted: by what they look like, and by the values that this process knows."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping

_SHAPES = {
    "a token of GitHub": r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|v1\.[0-9a-f]{40}",
    "a key of a model's vendor": r"\bsk-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20,}|\b(?:gsk|hf)_[A-Za-z0-9]{20,}",
    "a key of AWS": r"(?:AKIA|ASIA)[A-Z0-9]{16}",
    "a key of Google": r"AIza[A-Za-z0-9_-]{30,}",
    "a token of Slack": r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a token of PyPI or npm": r"pypi-AgE[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}",
    "a signed web token": r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
}
_PATTERN = re.compile("|".join(f"(?P<s{index}>{shape})" for index, shape in enumerate(_SHAPES.values())))
_NAMES = re.compile(r"TOKEN|SECRET|PASSW|API_?KEY|PRIVATE_?KEY|CREDENTIAL|_PAT$|_KEY$", re.IGNORECASE)
_SHORTEST = 8
"""Shorter values stand everywhere by chance."""
_LONG_LINE = 40


def known_secrets(environment: Mapping[str, str], more: Iterable[str] = ()) -> frozenset[str]:
    """Return the values of an environment's variables that are named as secrets are, and further ones.

    Of a key of several lines each long line is one.
    """
    values = [value for name, value in environment.items() if _NAMES.search(name)] + [*more]
    lines = [line for value in values if "\n" in value for line in value.splitlines() if len(line) >= _LONG_LINE]
    return frozenset(value.strip() for value in (*values, *lines) if len(value.strip()) >= _SHORTEST)


def shape_of_secret(text: str) -> str:
    """Say what kind of secret a text seems to hold, by its form; empty where none is seen."""
    found = _PATTERN.search(text)
    return list(_SHAPES)[int(str(found.lastgroup)[1:])] if found else ""


def known_in(text: str, known: Iterable[str]) -> bool:
    """Tell whether a text holds one of some secrets.

    They are looked for as they are, backwards, and as base64, hexadecimal and percent escapes write them, in
    the text and in the text without white space.
    """
    squeezed = re.sub(r"[\s\u200b-\u200f\u2060\ufeff]+", "", text)
    return any(form in text or form in squeezed for value in known for form in _forms(value))


def _forms(value: str) -> Iterator[str]:
    raw = value.encode()
    yield value
    yield value[::-1]
    yield raw.hex()
    yield raw.hex().upper()
    yield "".join(f"%{byte:02x}" for byte in raw)
    for shift in range(3):
        # What stands before it moves the letters of base64; those of its first and last bytes are another's too.
        encoded = b64encode(b"\0" * shift + raw).decode().rstrip("=")
        yield encoded[-(-shift * 8 // 6) : len(encoded) - 1]
        yield encoded[-(-shift * 8 // 6) : len(encoded) - 1].replace("+", "-").replace("/", "_")
