"""Reads a model's answer as a JSON object that the harness makes a test script of.

Weak models write scripts that do not run; of a set-up, a call and an expected value the harness makes one that does.
"""

from __future__ import annotations

import json
import re

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.edits import EditError
from environments.workbench.scripts.python_text import unbound_names
from environments.workbench.scripts.test_script import Claim, ScriptError, build_script

_SETUP_LINES = 8
_LINE = 160


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    setup: list[str] = []
    call: str
    expected: str | None = None
    raises: str | None = None


def structured_grammar() -> str:
    """Return the GBNF grammar of a structured test: one JSON object with strings of bounded length."""
    return "\n".join(
        (
            'root ::= "{\\"setup\\": [" (string (", " string){0,' + str(_SETUP_LINES - 1) + '})? "], "'
            ' "\\"call\\": " string ", \\"expected\\": " maybe ", \\"raises\\": " maybe "}"',
            'maybe ::= string | "null"',
            'string ::= "\\"" char{1,' + str(_LINE) + '} "\\""',
            'char ::= [^"\\\\\\x00-\\x1F] | "\\\\" ["\\\\nt]',
        )
    )


def structured_script(answer: str) -> str:
    """Return the script that an answer's JSON object makes. Raises EditError with a message for the model."""
    found = re.search(r"\{.*\}", answer, re.S)
    try:
        read = _Answer.model_validate(json.loads(found[0] if found else answer, strict=False))
    except (ValueError, ValidationError, RecursionError):
        raise EditError('It is not one JSON object with "setup", "call", "expected" and "raises".') from None
    if read.expected is None and read.raises is None:
        raise EditError('Give "expected", or "raises" if the call must raise.')
    claim = Claim(
        call=read.call,
        setup="\n".join(read.setup),
        expected=None if read.raises else read.expected,
        should_raise=read.raises,
    )
    try:
        script = build_script(claim)
        unbound = unbound_names(script)
    except ScriptError as error:
        raise EditError(str(error)) from None
    if unbound:
        raise EditError(f"Nothing defines or imports {', '.join(unbound)}: add the import to the set-up.")
    return script
