"""What an issue names outright: symbols, their classes, modules, files, lines of tracebacks, texts of errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from agent.context.mentions import CALL, CODE, FRAME_NAME, IMPORT, PROSE, Mentions, same_file
from agent.context.relevance.candidates import Array, Candidates

_WAYS = {CALL: "n.call", IMPORT: "n.import", FRAME_NAME: "n.frame", CODE: "n.code", PROSE: "n.prose"}
_VARIABLE = 0.5
"""Share that a variable keeps: an issue that names one mostly means a parameter or an attribute."""
_MOST_MESSAGES, _MOST_WORDS, _PHRASE, _SHORTEST, _MOST_HITS = 20, 40, 3, 12, 50
_MOST_LINES = 200


def named_features(
    mentions: Mentions, messages: Sequence[str], candidates: Candidates, files: Mapping[str, bytes]
) -> dict[str, Array]:
    """Return name of a feature -> a value for each symbol."""
    features = _names(mentions, candidates)
    features |= _lines(mentions, candidates)
    features |= _phrases(messages, candidates, files)
    return features


def _names(mentions: Mentions, candidates: Candidates) -> dict[str, Array]:
    size = len(candidates)
    features = {way: np.zeros(size) for way in _WAYS.values()}
    for name, weight in mentions.names.items():
        for symbol in candidates.by_name.get(name, ()):
            share = _VARIABLE if candidates.entries[symbol].kind == "variable" else 1.0
            features[_WAYS[weight]][symbol] = share / (1 + math.log(candidates.bearers[name]))
    told = np.sum(list(features.values()), axis=0) if size else np.zeros(0)
    parents = candidates.parents
    features["n.owner"] = np.where(parents >= 0, told[parents], 0.0)
    features["f.named"] = candidates.of_files(candidates.best_of_files(told))
    features["n.dotted"] = np.zeros(size)
    for dotted in mentions.dotted:
        *owner, last = dotted.split(".")
        for symbol in candidates.by_name.get(last, ()) if owner else ():
            module = candidates.modules[candidates.file_of[symbol]]
            if owner[-1] in {*module.split("."), *candidates.entries[symbol].name.split(".")[:-1]}:
                features["n.dotted"][symbol] = 1.0
    return features


def _lines(mentions: Mentions, candidates: Candidates) -> dict[str, Array]:
    """Return what tracebacks, paths and names of modules point at; the last frame says most."""
    files = len(candidates.paths)
    path, module, trace, last = (np.zeros(files) for _ in range(4))
    on_line = np.zeros(len(candidates))
    lines = mentions.lines[:_MOST_LINES]
    dotted = [name for name in mentions.dotted if "." in name]
    for file, name in enumerate(candidates.paths):
        own = candidates.modules[file]
        path[file] = any(same_file(one, name) for one in mentions.paths)
        module[file] = any(one == own or one.startswith(own + ".") or own.endswith("." + one) for one in dotted)
        for number, (one, line) in enumerate(lines, start=1):
            if not same_file(one, name):
                continue
            trace[file], last[file] = 1.0, number / len(lines)
            for place, entry in enumerate(candidates.indexes[file].entries, start=candidates.first[file]):
                if entry.line <= line <= entry.last_line:
                    on_line[place] = max(on_line[place], 0.5 + 0.5 * number / len(lines))
    features = {"f.path": path, "f.module": module, "f.trace": trace, "f.last": last}
    return {name: candidates.of_files(values) for name, values in features.items()} | {"n.line": on_line}


def _phrases(messages: Sequence[str], candidates: Candidates, files: Mapping[str, bytes]) -> dict[str, Array]:
    """Return where three words in a row of an error's message stand in the code; rare ones count more."""
    symbols, whole = np.zeros(len(candidates)), np.zeros(len(candidates.paths))
    for phrase in _phrases_of(messages):
        hits: list[tuple[int, int]] = []
        for file, path in enumerate(candidates.paths):
            place = files[path].find(phrase)
            while place >= 0 and len(hits) < _MOST_HITS:
                hits.append((file, place))
                place = files[path].find(phrase, place + 1)
        for file, place in hits:
            whole[file] += 1 / len(hits)
            for symbol, entry in enumerate(candidates.indexes[file].entries, start=candidates.first[file]):
                if entry.start <= place < entry.end:
                    symbols[symbol] += 1 / len(hits)
    return {"n.phrase": np.minimum(symbols, 3.0), "f.phrase": candidates.of_files(np.minimum(whole, 3.0))}


def _phrases_of(messages: Sequence[str]) -> list[bytes]:
    found: dict[bytes, None] = {}
    for message in list(dict.fromkeys(messages))[:_MOST_MESSAGES]:
        words = message.split()[:_MOST_WORDS]
        for start in range(len(words) - _PHRASE + 1):
            phrase = " ".join(words[start : start + _PHRASE]).encode()
            if len(phrase) >= _SHORTEST:
                found[phrase] = None
    return list(found)
