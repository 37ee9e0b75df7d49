"""Builds reproduction scripts from a claim: one call, what it does wrong, what it should do.

The script speaks as a ``GeneratedTest`` does: it calls ``issue_present()`` while the issue is present, reaches its end
when it is fixed, and does anything else when it is itself broken (its set-up fails). Claims come from issue texts and
from models; nothing of them is executed here: they are parsed, never run.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass, replace

from environments.workbench.scripts.python_text import (
    compiles,
    expression,
    literal,
    parse,
    syntax_message,
    unbound_names,
)

_SHOWS = '''
def _shows(value, text):
    """Tell whether a value is the one that the text shows: by repr, by str, or as an equal expression."""
    def squeeze(shown):
        return " ".join(re.sub(r"\\b0x[0-9a-fA-F]+", "0x", shown).split())

    def dump(shown):
        return ast.dump(ast.parse(shown.strip(), mode="eval"))

    attempts = (
        lambda: squeeze(text) in (squeeze(repr(value)), squeeze(str(value))),
        lambda: dump(text) == dump(repr(value)),
        lambda: eval(text, dict(globals())) == value,
    )
    for attempt in attempts:
        try:
            if attempt():
                return True
        except Exception:
            pass
    return False
'''


class ScriptError(ValueError):
    """No script can be made of the claim; the message says why, in words for whoever made it."""


@dataclass(frozen=True)
class Claim:
    """What an issue says of one call. At least one of the last four fields is set."""

    call: str
    """A Python expression; statements where only an exception is claimed."""
    setup: str = ""
    """Statements that must work before the call: imports, definitions, data."""
    expected: str | None = None
    """The right value as text: a Python literal, a repr, or what is printed when the call is a ``print``."""
    wrong: str | None = None
    """The wrong value as text."""
    raises: str | None = None
    """Name of the exception that the call raises and should not, or ``name: message``."""
    should_raise: str | None = None
    """Name of the exception that the call should raise and does not.

    ``name: message`` where the message counts, as it does when the wrong exception has the same name.
    """


def build_script(claim: Claim) -> str:
    """Return the script that calls ``issue_present()`` exactly while the claim holds. Raises ScriptError.

    The strongest part of the claim decides: an exception or a value that should come, else the wrong exception or
    value that should not (the weaker test: any other value passes).
    """
    setup, call = _code(claim.setup, "set-up"), _code(claim.call, "call")
    if not call:
        raise ScriptError("There is no call.")
    future, setup = _split_future(setup)
    setup, tried = _split_tried(setup) if claim.raises is not None else (setup, "")
    claim = replace(claim, setup=setup, call=call)
    body = _body(claim, tried)
    parts = (future, _helpers(body), setup, body)
    script = "\n".join(part.strip("\n") + "\n" for part in parts if part.strip())
    tree = parse(script)
    if tree is None or not compiles(tree):
        raise ScriptError("The set-up and the call do not make a valid Python script together.")
    return script


def _body(claim: Claim, tried: str) -> str:
    """Return the part that makes the call; ``tried``: statements before it in which the exception may come too."""
    if claim.should_raise is not None:
        return _should_raise(claim, tried)
    if claim.expected is not None:
        return _returns(claim, claim.expected.strip(), tried)
    if claim.raises is not None:
        return _raises(claim, tried)
    if claim.wrong is not None:
        return _wrongly_returns(claim, claim.wrong.strip())
    raise ScriptError("The claim says neither what is wrong nor what is expected.")


def _code(source: str, what: str) -> str:
    source = textwrap.dedent(source).strip("\n")
    if parse(source) is None:
        raise ScriptError(f"The {what} is not valid Python: {syntax_message(source)}")
    return source


def _exception(said: str) -> tuple[str, str]:
    """Return name and message of an exception as it is said."""
    name, _, message = said.partition(":")
    last = name.strip().rpartition(".")[2]
    if not last.isidentifier():
        raise ScriptError(f"{name.strip()!r} is not the name of an exception.")
    return last, " ".join(message.split())


def _split_tried(setup: str) -> tuple[str, str]:
    """Part imports and definitions from the statements that run: an issue's exception may come in these already."""
    tree = parse(setup)
    plain = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    running = [node for node in tree.body if not isinstance(node, plain)] if tree else []
    if not running:
        return setup, ""
    lines = setup.splitlines()
    first = running[0].lineno - 1
    return "\n".join(lines[:first]), "\n".join(lines[first:])


def _split_future(setup: str) -> tuple[str, str]:
    """Part ``from __future__`` imports, which must stand first, from the rest."""
    lines = setup.splitlines()
    future = [line for line in lines if line.startswith("from __future__ ")]
    return "\n".join(future), "\n".join(line for line in lines if line not in future)


def _helpers(body: str) -> str:
    modules = {"sys"} | ({"contextlib", "io"} if "redirect_stdout(io." in body else set())
    shows = _SHOWS if "_shows(" in body else ""
    modules |= {"ast", "re"} if shows else set()
    return "\n".join(f"import {name}" for name in sorted(modules)) + "\n" + shows


def _indented(code: str) -> str:
    """Indent statements; strings over several lines are rewritten, since indenting would change them."""
    tree = parse(code)
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)] if tree else []
    if tree and any((node.end_lineno or 0) > node.lineno for node in constants):
        code = ast.unparse(tree)
    return textwrap.indent(code, "    ")


def _prints(claim: Claim) -> bool:
    """Tell whether the claim is about what the call prints, not what it returns."""
    value = expression(claim.call)
    called = value.func if isinstance(value, ast.Call) else None
    return value is None or (isinstance(called, ast.Name) and called.id in ("print", "pprint"))


def _result(claim: Claim) -> str:
    if _prints(claim):
        shown = f"with contextlib.redirect_stdout(io.StringIO()) as _result:\n{_indented(claim.call)}"
        return f"{shown}\n_result = _result.getvalue()"
    value = expression(claim.call)
    return f"_result = {ast.unparse(value) if value is not None and chr(10) in claim.call else claim.call.strip()}"


def _attempt(code: str, claim: Claim, tried: str) -> str:
    """Return the try statement; a name that the script does not bind is the script's own fault, not the issue."""
    whole = f"{tried}\n{code}" if tried else code
    source = f"{claim.setup}\n{tried}\n{claim.call}"
    claimed = any(said is not None and "NameError" in said for said in (claim.raises, claim.should_raise))
    guarded = not claimed and ("import *" in source or unbound_names(source))
    return f"try:\n{_indented(whole)}\n" + ("except NameError:\n    raise\n" if guarded else "")


def _is_not(name: str) -> str:
    """Return the condition that the exception caught is not of a class of this name."""
    return f"{name!r} not in [_kind.__name__ for _kind in type(_error).__mro__]"


def _should_raise(claim: Claim, tried: str) -> str:
    name, message = _exception(claim.should_raise or "")
    wrong = _is_not(name) + (f" or {message!r} not in ' '.join(str(_error).split())" if message else "")
    return (
        f"{_attempt(claim.call, claim, tried)}"
        "except Exception as _error:\n"
        f"    if {wrong}:\n"
        f"        print('Expected', {claim.should_raise!r}, 'but it raised', repr(_error))\n"
        "        issue_present()\n"
        "else:\n"
        f"    print('Expected', {claim.should_raise!r}, 'but nothing was raised')\n"
        "    issue_present()\n"
    )


def _raises(claim: Claim, tried: str) -> str:
    name, _ = _exception(claim.raises or "")
    return (
        f"{_attempt(claim.call, claim, tried)}"
        "except Exception as _error:\n"
        f"    if {_is_not(name)}:\n"
        "        raise\n"
        "    print('It should not have raised', repr(_error))\n"
        "    issue_present()\n"
    )


def _returns(claim: Claim, expected: str, tried: str) -> str:
    # With the set-up inside the try statement, only the exception that the issue names shows the issue. What is
    # expected is named in the last part alone, which is judged apart: the first lies beside the code under test.
    other = f"    if {_is_not(_exception(claim.raises or '')[0])}:\n        raise\n" if tried else ""
    return (
        f"{_attempt(_result(claim), claim, tried)}"
        "except Exception as _error:\n"
        f"{other}"
        "    print('It raised', repr(_error))\n"
        "    issue_present()\n"
        f"if not ({_equal(expected, claim)}):\n"
        f"    print('Expected', {expected!r}, 'but got', repr(_result))\n"
        "    issue_present()\n"
    )


def _wrongly_returns(claim: Claim, wrong: str) -> str:
    # An exception here is neither the claim nor its repair: it ends the script as broken.
    return (
        f"{_result(claim)}\n"
        f"if {_equal(wrong, claim)}:\n"
        "    print('It should not have returned', repr(_result))\n"
        "    issue_present()\n"
    )


def _equal(text: str, claim: Claim) -> str:
    """Return the expression that compares ``_result`` with the value that a text shows."""
    value = literal(text)
    if value is None or _prints(claim) or re.search(r"\b(numpy|pandas|array)\b", f"{claim.setup}\n{claim.call}"):
        return f"_shows(_result, {text!r})"
    if value in ("True", "False"):  # 1 is not True, a numpy bool is
        return f"str(_result) == {value!r}"
    if value == "None":
        return "_result is None"
    other = literal(claim.wrong) if claim.wrong is not None and claim.expected is not None else None
    if other is not None and ast.literal_eval(other) == ast.literal_eval(value):  # 2 in place of 2.0
        return f"repr(_result) == {value!r}"
    rounded = re.fullmatch(r"-?\d+\.(\d{3,})", value)
    if rounded:  # an issue shows as many decimals as its author cared for
        return f"isinstance(_result, (int, float)) and round(_result, {len(rounded[1])}) == {value}"
    return f"_result == {value}"
