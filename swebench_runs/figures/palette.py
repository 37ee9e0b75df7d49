"""The colours of pages and pictures, by light and by dark, in one place: drawn ones follow the reader's setting too."""

from __future__ import annotations

PALETTE: dict[str, tuple[str, str]] = {
    "paper": ("#fbfaf8", "#14161a"),
    "card": ("#ffffff", "#1c1f25"),
    "ink": ("#1d2129", "#e7e5e0"),
    "soft": ("#5f6775", "#9aa2af"),
    "line": ("#e3e0da", "#31353d"),
    "code": ("#f4f2ee", "#15181d"),
    "accent": ("#b3261e", "#ff8a7a"),
    "good": ("#12704b", "#6fd3a2"),
    "bad": ("#b3261f", "#ff8a7b"),
    "warn": ("#8a5a01", "#f0c060"),
    "good-wash": ("#d9f0e3", "#12402b"),
    "bad-wash": ("#f9dedb", "#4d1c18"),
    "warn-wash": ("#fbeccb", "#453208"),
    "none-wash": ("#eeece7", "#272b32"),
    "s0": ("#0b6e99", "#6cc4ea"),
    "s1": ("#8a5a00", "#e0b050"),
    "s2": ("#12704a", "#6fd3a2"),
    "s3": ("#7b4fb5", "#bfa0f0"),
    "s4": ("#b5488f", "#f09acb"),
    "s5": ("#4d7c0f", "#a9d65c"),
    "s6": ("#3b5bdb", "#93a8ff"),
    "s7": ("#64748b", "#94a3b8"),
}
"""Name -> the colour by light, and by dark. No two names share a light one: drawings are told by it."""

SERIES = tuple(name for name in PALETTE if name[0] == "s" and name[1:].isdigit())
"""Of lines that need nothing but to be told apart."""


def light(name: str) -> str:
    """Return a colour as it is drawn."""
    return PALETTE[name][0]


def style_sheet(selector: str = ":root") -> str:
    """Return CSS that defines every colour as a variable, by the reader's setting."""
    by_light, by_dark = (" ".join(f"--{name}: {pair[side]};" for name, pair in PALETTE.items()) for side in range(2))
    return f"{selector} {{ {by_light} }}\n@media (prefers-color-scheme: dark) {{ {selector} {{ {by_dark} }} }}\n"
