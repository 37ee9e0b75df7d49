"""What a GGUF file says of its model: read from its head alone, bounded, for anybody may have made the file."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from agent.models.contract import ModelError

MOST_ENTRIES = 4096
"""Keys and tensors that a file may have."""
MOST_TEXT = 4 << 20
"""Bytes of one text: chat templates take up to a hundred thousand."""
MOST_ITEMS = 2_000_000
"""Items of one array: vocabularies have up to 300,000."""

_FORMS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _ARRAY = 8, 9
_VERSIONS = (2, 3)
_TOKENS = "tokenizer.ggml.tokens"

FIM_TOKENS = (
    ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    ("<|fim_begin|>", "<|fim_hole|>", "<|fim_end|>"),
    ("<\uff5cfim\u2581begin\uff5c>", "<\uff5cfim\u2581hole\uff5c>", "<\uff5cfim\u2581end\uff5c>"),
    ("<PRE>", "<SUF>", "<MID>"),
)
"""What families call them; Qwen and CodeGemma, StarCoder and Granite, variants of DeepSeek, Code Llama."""


@dataclass(frozen=True)
class GgufHead:
    """What counts of a file's head."""

    name: str
    architecture: str
    parameters: int
    """Numbers in all tensors."""
    window: int
    """Tokens that it was trained on at once."""
    cache_bytes: int
    """Bytes that a token takes in the cache, as 16-bit numbers; 0 where the file does not say."""
    template: bool
    """It has a chat template."""
    fim: tuple[str, str, str] | None


def read_head(path: Path) -> GgufHead:
    """Read a file's head; ModelError in one line where it is no model, or a broken one."""
    try:
        with path.open("rb") as file:
            reader = _Reader(file, path.stat().st_size)
            return _head(reader, path.name)
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror or error}") from error
    except (_Broken, struct.error, OverflowError) as error:
        raise ModelError(f"{path} is no GGUF model that can be read: {error}") from error


class _Broken(Exception):
    """The file contradicts itself, or the format."""


class _Reader:
    """Reads numbers and texts from the head of a file, never past its end."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def bytes(self, count: int) -> bytes:
        if count > self._left:
            raise _Broken("it ends too soon")
        self._left -= count
        read = self._file.read(count)
        if len(read) != count:
            raise _Broken("it ends too soon")
        return read

    def number(self, kind: int) -> int | float | bool:
        form = _FORMS[kind]
        value: int | float | bool = struct.unpack(form, self.bytes(struct.calcsize(form)))[0]
        return value

    def count(self, most: int, what: str) -> int:
        found = int(self.number(10))
        if found > most:
            raise _Broken(f"{found} {what} are too many")
        return found

    def text(self) -> str:
        return self.bytes(self.count(MOST_TEXT, "bytes of a text")).decode("utf-8", "replace")

    def value(self, key: str) -> object:
        """Read one value; an array that nobody asks for is passed over."""
        kind = int(self.number(4))
        if kind == _TEXT:
            return self.text()
        if kind in _FORMS:
            return self.number(kind)
        if kind != _ARRAY:
            raise _Broken(f"{key[:80]!r} is of an unknown kind ({kind})")
        inner, items = int(self.number(4)), self.count(MOST_ITEMS, "items")
        if inner == _TEXT:
            return self._texts(items, keep=key == _TOKENS)
        if inner not in _FORMS:
            raise _Broken(f"{key[:80]!r} is an array of an unknown kind ({inner})")
        self.bytes(items * struct.calcsize(_FORMS[inner]))
        return None

    def _texts(self, items: int, *, keep: bool) -> set[str] | None:
        """Read an array of texts: a vocabulary's hundred thousand, so without a call for each."""
        read, left, found = self._file.read, self._left, set[str]()
        for _ in range(items):
            length = int.from_bytes(read(8), "little")
            left -= 8 + length
            if left < 0 or length > MOST_TEXT:
                raise _Broken("it ends too soon, or a text of it is too long")
            text = read(length)
            if keep:
                found.add(text.decode("utf-8", "replace"))
        self._left = left
        return found if keep else None


def _head(reader: _Reader, file: str) -> GgufHead:
    if reader.bytes(4) != b"GGUF":
        raise _Broken("it does not begin with GGUF")
    if (version := int(reader.number(4))) not in _VERSIONS:
        raise _Broken(f"its version is {version}, not 2 or 3")
    tensors, keys = reader.count(1 << 20, "tensors"), reader.count(MOST_ENTRIES, "keys")
    known: dict[str, object] = {}
    for _ in range(keys):
        key = reader.text()
        known[key] = reader.value(key)
    parameters = sum(_numbers(reader) for _ in range(tensors))
    architecture = str(known.get("general.architecture", ""))

    def said(key: str, default: int = 0) -> int:
        value = known.get(f"{architecture}.{key}")
        return int(value) if isinstance(value, int | float) and 0 < value < 1 << 40 else default

    if not architecture or not said("context_length") or not tensors:
        raise _Broken("it names no architecture, window or tensors; is it the first part of a language model?")
    heads = said("attention.head_count", 1)
    wide = said("embedding_length") // heads
    keyed = said("attention.key_length", wide) + said("attention.value_length", wide)
    tokens = known.get(_TOKENS)
    words = tokens if isinstance(tokens, set) else set[str]()
    return GgufHead(
        name=str(known.get("general.name", file))[:80],
        architecture=architecture[:40],
        parameters=parameters,
        window=said("context_length"),
        cache_bytes=2 * said("block_count") * said("attention.head_count_kv", heads) * keyed,
        template=bool(known.get("tokenizer.chat_template")),
        fim=next((three for three in FIM_TOKENS if words.issuperset(three)), None),
    )


def _numbers(reader: _Reader) -> int:
    """Read a tensor's entry and return how many numbers it has."""
    reader.text()
    product = 1
    for _ in range(int(reader.number(4)) & 0xFF):
        product *= int(reader.number(10))
    reader.number(4)
    reader.number(10)
    if product > 1 << 45:
        raise _Broken("a tensor is too large")
    return product
