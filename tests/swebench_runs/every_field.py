"""Every text of a run's files made hostile, one after the other, as far as Runoff still reads the file."""

import json
from pathlib import Path

from environments.errors import Foreseen


def hostile_in_every_field(folder: Path, evil: str, read) -> dict[str, list[str]]:
    """Put ``evil`` behind every text of every file below ``folder``; in JSON files, which have names there, behind the
    keys of objects too (a line of a record without its keys is another line, and shown as nothing).

    ``read()`` reads all of it. Where it refuses, in the one line that is foreseen, the text goes back to what it was.
    Returns file -> the places of the texts that stayed hostile.
    """
    kept = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".json", ".jsonl"):
            kept[str(path.relative_to(folder))] = _file(path, evil, read)
    return kept


def _file(path, evil, read):
    text = path.read_text()
    if path.suffix == ".json":
        return _texts([json.loads(text)], path, lambda docs: json.dumps(docs[0]), evil, read)
    lines = [json.loads(line) for line in text.splitlines()]
    return _texts(lines, path, lambda docs: "".join(json.dumps(doc) + "\n" for doc in docs), evil, read)


def _texts(documents, path, written, evil, read):
    kept = []
    for holder, key, name in list(_leaves(documents, "")):
        if name.endswith("#") and path.suffix == ".jsonl":
            continue
        before = path.read_text()
        if isinstance(key, str) and name.endswith("#"):
            holder[key + evil] = holder.pop(key)
        else:
            holder[key] += evil
        path.write_text(written(documents))
        try:
            read()
        except Foreseen:
            path.write_text(before)
            if name.endswith("#"):
                holder[key] = holder.pop(key + evil)
            else:
                holder[key] = holder[key].removesuffix(evil)
        else:
            kept.append(name)
    return kept


def _leaves(value, name):
    """Yield holder, key and name of every text; of an object's keys, whose name ends in ``#``, after their values."""
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else ()
    )
    for key, inner in pairs:
        yield from _leaves(inner, f"{name}.{key}")
        if isinstance(inner, str):
            yield value, key, f"{name}.{key}"
    if isinstance(value, dict):
        yield from ((value, key, f"{name}.{key}#") for key, _ in pairs)
