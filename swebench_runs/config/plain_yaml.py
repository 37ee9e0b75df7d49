"""YAML in which every value is the text that was written: ``off``, ``1.10`` and ``5:10`` mean what they say."""

from __future__ import annotations

from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Without the rules by which YAML makes truth values, numbers to base sixty and dates of plain words."""

    # The one rule that is kept is for merge keys.
    yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}  # noqa: RUF012 - as the library has it


def plain_yaml(text: str) -> Any:
    """Return a YAML document as mappings, lists and texts; None for an empty one.

    Raises ValueError, in one line, for what is no YAML.
    """
    try:
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"not valid YAML: {' '.join(str(error).split())[:200]}") from None
