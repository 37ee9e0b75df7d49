"""What GitHub's own OpenAPI description says of a request, and of an answer to it."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from jsonschema import Draft202012Validator


class Violation(Exception):
    """A request that GitHub's description does not know, or an answer that GitHub would not give."""


@dataclass(frozen=True)
class Operation:
    """One operation of the description."""

    name: str
    """``GET /repos/{owner}/{repo}``."""
    described: dict

    def read(self, path: dict, query: dict, body) -> dict:
        """Return the parameters of a request, of their types. Violation where they are not as described."""
        known = {(given["in"], given["name"]): given for given in self.described["parameters"]}
        found = {}
        for place, values in (("path", path), ("query", query)):
            for name, text in values.items():
                if (place, name) not in known:
                    raise Violation(f"{self.name}: there is no parameter {name!r} in its {place}")
                schema = known[place, name]["schema"]
                found[name] = _typed(text, schema)
                _hold(found[name], schema, f"{self.name}: {name}")
        self._hold_body(body)
        return found

    def _hold_body(self, body) -> None:
        schema = self.described["body"]
        if schema is None:
            if body not in (None, {}):
                raise Violation(f"{self.name}: takes no body, got {body!r}")
            return
        _hold(body if body is not None else {}, schema, f"{self.name}: body")
        if "properties" in schema and (strange := sorted(set(body or {}) - set(schema["properties"]))):
            raise Violation(f"{self.name}: body: no property {strange[0]!r} is described")

    def example(self, status: int = 200):
        """Return a copy of what GitHub shows as its answer."""
        return json.loads(json.dumps(self.described["answers"][str(status)]["example"]))

    def hold_answer(self, status: int, body) -> None:
        """Violation where GitHub would not answer so."""
        if status >= 400:
            return
        if str(status) not in self.described["answers"]:
            raise Violation(f"{self.name}: is not answered by {status}")
        answer = self.described["answers"][str(status)]
        if answer is not None:
            _hold(body, answer["schema"], f"{self.name}: answer")


@cache
def description() -> dict:
    """Return the description, cut down by ``prune.py``."""
    return json.loads((Path(__file__).parent / "operations.json").read_text())


@cache
def operations() -> dict[str, Operation]:
    return {name: Operation(name, described) for name, described in description()["operations"].items()}


def find(method: str, path: str) -> tuple[Operation, dict[str, str]]:
    """Return the operation that a request is for, and what its path says."""
    for pattern, operation in _patterns(method):
        if matched := pattern.fullmatch(path):
            return operation, {name: unquote(text) for name, text in matched.groupdict().items()}
    raise Violation(f"{method} {path}: no such operation in operations.txt")


@cache
def _patterns(method: str) -> list[tuple[re.Pattern, Operation]]:
    mine = [operation for name, operation in operations().items() if name.startswith(method + " ")]
    by_length = sorted(mine, key=lambda operation: operation.name.count("{"))
    return [(re.compile(_pattern(operation.name.split()[1])), operation) for operation in by_length]


def _pattern(path: str) -> str:
    """Refs have slashes, everything else has none."""
    return re.sub(
        r"\{(\w+)\}",
        lambda found: f"(?P<{found[1]}>{'.+' if re.search('ref|head|branch', found[1]) else '[^/]+'})",
        path,
    )


def _typed(text: str, schema: dict):
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _hold(value, schema: dict, what: str) -> None:
    error = next(_validator(json.dumps(schema)).iter_errors(value), None)
    if error is not None:
        where = ".".join(map(str, error.absolute_path))
        raise Violation(f"{what}{'.' + where if where else ''}: {error.message[:300]}")


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "schemas": description()["schemas"]})
