"""Turns sessions and scripts of an issue into claims: set-up, call, what is wrong, what is expected."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence
from dataclasses import replace

from environments.workbench.scripts.python_text import expression, parse
from environments.workbench.scripts.test_script import Claim
from verifiers.examples.blocks import error_name, error_said, statements
from verifiers.examples.sentences import Said, read_comment
from verifiers.examples.sessions import Step
from verifiers.examples.wording import Role, accuses, begins_with_role, label_role, says_fine, wants_error

MAX_SHOWN = 2000
"""Characters of an output that is compared; a longer one is a log, not a value."""


def claim_of(setup: str, call: str, said: Said) -> Claim:
    """Make a claim of what was said of a call."""
    expected = said.expected
    if isinstance(expression(call), ast.Compare | ast.BoolOp) and expected not in (None, "True", "False"):
        expected = None  # said of what is compared, not of the comparison
    return Claim(call, setup, expected, said.wrong, said.raises, said.should_raise)


def shown(output: str, lead: str) -> Said:
    """Return what an output or a traceback says, given the prose before it."""
    error = error_said(output)
    if error is not None and error.partition(":")[0].endswith("Warning"):
        return Said()  # a warning is printed, not raised: nothing that a call can be compared with
    if error is not None:
        return Said(should_raise=error) if wants_error(lead) else Said(raises=error)
    if len(output) > MAX_SHOWN:
        return Said()
    return Said(expected=output) if label_role(lead) is Role.EXPECTED else Said(wrong=output)


def session_claims(steps: Sequence[Step], lead: str, around: Said) -> list[Claim]:
    """Return the claims of a session: ``lead`` is the prose before it, ``around`` what the text beside it says.

    Comments decide first. Else every step of an expected session, or the step that raises, or the last one shown if
    it is the only one or the text says what it should be: which of several outputs is wrong is not guessed.
    """
    role = label_role(lead) or Role.WRONG
    kept = ["" if error_name(step.output) else step.source for step in steps]  # what raises would end the set-up
    setups = ["\n".join(filter(None, kept[:index])) for index in range(len(steps))]
    commented = [
        claim_of(setup, step.source, said.filled(shown(step.output, "") if step.output else Said()))
        for setup, step in zip(setups, steps, strict=True)
        if (comment := trailing_comment(step.source)) and (said := read_comment(comment, step.source, role))
    ]
    if commented:
        return commented
    seen = [
        (setup, step)
        for setup, step in zip(setups, steps, strict=True)
        if step.output and "version" not in step.source and not says_fine(trailing_comment(step.source) or "")
    ]
    accused = [pair for pair in seen if accuses(trailing_comment(pair[1].source) or "")]
    if accused:
        return [claim_of(setup, step.source, shown(step.output, "")) for setup, step in accused]
    if role is Role.EXPECTED:
        return [claim_of(setup, step.source, shown(step.output, lead)) for setup, step in seen]
    raised = [pair for pair in seen if error_name(pair[1].output)]
    if raised:
        setup, step = raised[-1]
        return [claim_of(setup, step.source, shown(step.output, lead).filled(around))]
    if says_fine(lead.strip().rpartition("\n")[2]):
        return []
    decided = around.expected or around.should_raise
    if seen and (len(seen) == 1 or decided):
        setup, step = seen[-1]
        return [claim_of(setup, step.source, shown(step.output, lead).filled(around))]
    return []


def script_claims(text: str, around: Said) -> list[Claim]:
    """Return the claims of a script: from its comments and asserts, else from what the text says of it as a whole."""
    parts = list(statements(text))
    claims: list[Claim] = []
    done: list[str] = []
    comments = _comments(text)
    for node, source in parts:
        said = _said_beside(node, source, comments)
        if said is not None and (call := _subject(node, source)) is not None:
            claims.append(claim_of("\n".join(done), call, said))
        if isinstance(node, ast.Assert):
            claims.append(_assertion("\n".join(done), node))
        elif said is None or not isinstance(node, ast.Expr):
            done.append(source)
    return claims or _whole(parts, around)


def trailing_comment(source: str) -> str | None:
    """Return the text of the last comment of some code."""
    comments = _comments(source)
    return comments[max(comments)].lstrip("# ") if comments else None


def _comments(text: str) -> dict[int, str]:
    """Return the comments of some code by line number; one that has a line of its own keeps its mark."""
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                alone = token.line.lstrip().startswith("#")
                found[token.start[0]] = token.string.strip() if alone else token.string.lstrip("# ").strip()
    except (tokenize.TokenError, SyntaxError):
        pass  # code that is cut off: the comments before that place
    return found


def _said_beside(node: ast.stmt, source: str, comments: dict[int, str]) -> Said | None:
    """Read the comments on a statement's last line and, in lines of their own, right after it."""
    end = node.end_lineno or node.lineno
    texts = [comments[end].lstrip("# ")] if end in comments else []
    after = end + 1
    while begins_with_role(comments.get(after, "").lstrip("# ")) and comments[after].startswith("#"):
        texts.append(comments[after].lstrip("# "))  # other comments belong to the statement below them
        after += 1
    said = Said()
    for text in texts:
        said = said.filled(read_comment(text, source) or Said())
    return said or (read_comment(" ".join(texts), source) if texts else None)


def _subject(node: ast.stmt, source: str) -> str | None:
    """Return the expression of a statement that its comment speaks of."""
    if isinstance(node, ast.Expr):
        return ast.unparse(node.value)
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        return ast.unparse(node.value)
    return source if isinstance(node, ast.With | ast.For | ast.Try) else None


def _assertion(setup: str, node: ast.Assert) -> Claim:
    test = node.test
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
        return Claim(ast.unparse(test.left), setup, expected=ast.unparse(test.comparators[0]))
    return Claim(f"bool({ast.unparse(test)})", setup, expected="True")


def _whole(parts: Sequence[tuple[ast.stmt, str]], around: Said) -> list[Claim]:
    if not parts or not around:
        return []
    sources = [source for _, source in parts]
    last = parts[-1][0]
    if around.expected is None and around.should_raise is None and around.raises is not None:
        first = next((i for i, (node, _) in enumerate(parts) if not _is_import(node)), len(parts))
        call = "\n".join(sources[first:])
        return [claim_of("\n".join(sources[:first]), call, around)] if _acts(call) else []
    printing = [i for i, source in enumerate(sources) if source.startswith(("print(", "pprint("))]
    if printing and printing[-1] == len(parts) - 1:
        first = printing[0]
        if any(len(shown.splitlines()) < len(printing) for shown in (around.expected, around.wrong) if shown):
            return []  # what is said of one line of several is not said of the whole
        return [claim_of("\n".join(sources[:first]), "\n".join(sources[first:]), around)]
    whole = _subject(last, sources[-1])
    return [claim_of("\n".join(sources[:-1]), whole, around)] if whole is not None else []


def _acts(call: str) -> bool:
    """Tell whether statements do anything but define."""
    return any(
        isinstance(inner, ast.Call)
        for node, _ in statements(call)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for inner in ast.walk(node)
    )


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def without_needless_messages(claim: Claim) -> Claim:
    """Drop the messages of exceptions, which a right patch may word otherwise, unless they alone tell them apart."""
    raises, should = ((said or "").partition(":") for said in (claim.raises, claim.should_raise))
    if raises[0] == should[0] and raises[2].strip() and should[2].strip():
        return claim
    return replace(claim, raises=raises[0] or None, should_raise=should[0] or None)


def runnable(claim: Claim) -> bool:
    """Tell whether a claim's code parses and its call does something."""
    if parse(claim.setup) is None or parse(claim.call) is None:
        return False
    value = expression(claim.call)
    return not isinstance(value, ast.Constant)
