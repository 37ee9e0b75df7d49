"""Cut GitHub's own OpenAPI description down to the operations of ``operations.txt``: ``operations.json`` is made.

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
    python prune.py package/generated/api.github.com.json

The answer's example of each operation is kept: it is what GitHub's answer looks like, and the stand-in fills it in.
"""

import json
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_DROPPED = frozenset({"description", "example", "examples", "title", "deprecated", "externalDocs", "format"})


def main(described: Path) -> None:
    whole = json.loads(described.read_text())
    wanted = [line.split() for line in (_HERE / "operations.txt").read_text().splitlines()]
    operations = {f"{verb} {path}": _operation(whole, whole["paths"][path][verb.lower()]) for verb, path in wanted}
    schemas: dict[str, object] = {}
    _collect(whole, operations, schemas)
    pruned = {"version": whole["info"]["version"], "operations": operations, "schemas": dict(sorted(schemas.items()))}
    (_HERE / "operations.json").write_text(json.dumps(pruned, separators=(",", ":")) + "\n")


def _operation(whole, operation):
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good = {
        status: _answer(whole, _at(whole, answer)) for status, answer in operation["responses"].items() if status < "4"
    }
    parameters = [_at(whole, parameter) for parameter in operation.get("parameters", [])]
    kept = [
        {"name": p["name"], "in": p["in"], "required": p.get("required", False), "schema": _schema(p["schema"])}
        for p in parameters
    ]
    return {"parameters": kept, "body": body and _schema(body), "answers": good}


def _answer(whole, answer):
    content = answer.get("content", {}).get("application/json", {})
    examples = [_resolved(whole, _at(whole, example)["value"]) for example in content.get("examples", {}).values()]
    if not content:
        return None
    example = examples[0] if examples else content.get("example")
    return {"schema": _schema(content["schema"]), "example": example[:1] if isinstance(example, list) else example}


def _resolved(whole, value):
    """Return an example; some of GitHub's are a reference themselves."""
    return _at(whole, value)["value"] if isinstance(value, dict) and "$ref" in value else value


def _at(whole, node):
    while "$ref" in node:
        found = whole
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _schema(node):
    """Return an OpenAPI 3.0 schema as a JSON Schema: what may be null says so by its type."""
    if isinstance(node, list):
        return [_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"].replace("#/components/schemas/", "#/schemas/")}
    kept = {}
    for key, value in node.items():
        if key == "properties":  # their names are GitHub's, not words of the schema
            kept[key] = {name: _schema(schema) for name, schema in value.items()}
        elif key not in _DROPPED and not key.startswith("x-") and key != "nullable":
            kept[key] = _schema(value) if key not in ("enum", "default", "required") else value
    return {"anyOf": [kept, {"type": "null"}]} if node.get("nullable") else kept


def _collect(whole, node, schemas):
    """Add every schema that is referred to, and those that they refer to."""
    if isinstance(node, list):
        for item in node:
            _collect(whole, item, schemas)
    elif isinstance(node, dict):
        name = str(node.get("$ref", "")).removeprefix("#/schemas/")
        if name and name not in schemas:
            schemas[name] = _schema(whole["components"]["schemas"][name])
            _collect(whole, schemas[name], schemas)
        for value in node.values():
            _collect(whole, value, schemas)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
