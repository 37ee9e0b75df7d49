"""Turns the code examples of an issue into reproduction tests, without a model.

``convert_examples(statement, locate)`` gives the tests, and a note on each example of which none was made. Start at
``convert.py``.
"""

from __future__ import annotations

from verifiers.examples.convert import Conversion, Example, convert_examples

__all__ = ["Conversion", "Example", "convert_examples"]
