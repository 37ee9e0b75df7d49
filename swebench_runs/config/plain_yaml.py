"""YAML in which every value is the text that was written: ``off``, ``1.10`` and ``5:10`` mean what they say."""

from __future__ import annotations

from typing import Any

import yaml

from environments.bounded import SAFE_LOADER, yaml_value


class _Loader(SAFE_LOADER):  # type: ignore[misc]  # which of two classes depends on how PyYAML was built
    """Without the rules by which YAML makes truth values, numbers to base sixty and dates of plain words."""

    # The one rule that is kept is for merge keys.
    yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}  # noqa: RUF012 - as the library has it


def plain_yaml(text: str) -> Any:
    """Return a YAML document as mappings, lists and texts; None for an empty one.

    Raises ValueError, in one line, for what is no YAML, or has no measure.
    """
    return yaml_value(text, _Loader)
