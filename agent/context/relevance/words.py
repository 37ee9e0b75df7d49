"""Words of identifiers and of prose, so that both can be compared."""

from __future__ import annotations

import re
from functools import lru_cache

IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""))
_SHORTEST_STEM = 4
_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "like",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "too",
        "up",
        "use",
        "used",
        "using",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "also",
        "about",
        "after",
        "all",
        "any",
        "because",
        "before",
        "between",
        "both",
        "here",
        "more",
        "most",
        "now",
        "only",
        "other",
        "out",
        "over",
        "same",
        "see",
        "seem",
        "seems",
        "still",
        "under",
        "until",
        "us",
        "via",
        "self",
        "none",
        "true",
        "false",
        "return",
        "def",
        "class",
        "import",
        "expected",
        "actual",
        "behavior",
        "behaviour",
        "issue",
        "bug",
        "problem",
        "description",
        "version",
        "python",
        "example",
        "code",
        "following",
    ]
)


@lru_cache(maxsize=200_000)
def words_of(identifier: str) -> tuple[str, ...]:
    """Return an identifier in lower case, and its parts (snake_case, camelCase) without their endings."""
    parts = [part.lower() for part in _WORD.findall(identifier)]
    stems = {stem(part) for part in parts if len(part) > 1}
    return tuple(sorted({identifier.lower().strip("_"), *stems} - _COMMON - {""}))


def stem(word: str) -> str:
    """Return a word without the usual English endings, so that *ordered* and *orders* meet."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: len(word) - len(ending)] + instead
    return word


def words_in(text: str) -> list[str]:
    """Return the words of all identifiers of a text, as often as they stand there."""
    return [word for identifier in IDENTIFIER.findall(text) for word in words_of(identifier)]
