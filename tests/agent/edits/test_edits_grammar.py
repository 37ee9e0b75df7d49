import httpx
import pytest

from agent.context import build_context, symbols_of
from agent.edits import EditError, grammar, parse_edit, search_replace_grammar, symbol_grammar
from agent.models.local.server import LocalServer

RAW = b"""UNITS = {"k": 1024}


class Reader:
    @staticmethod
    def unit(text):
        return UNITS[text[-1]]


def other():
    x = 1
    return x


def size(text):
    x = 1
    return x + Reader.unit(text)
"""
FILES = {"pkg/sizes.py": RAW}
SYMBOLS = [s for s in symbols_of("pkg/sizes.py", RAW) if s.kind in ("function", "method")]


def test_an_answer_can_only_begin_with_the_header_of_a_real_symbol():
    rules = symbol_grammar(SYMBOLS).split("\n")
    head = next(rule for rule in rules if rule.startswith("head ::="))
    assert r'"pkg/sizes.py::Reader.unit\n```python\n    @staticmethod\n    def unit"' in head
    assert r'"pkg/sizes.py::size\n```python\ndef size"' in head
    assert head.count("::") == 1 + len(SYMBOLS)


def test_a_search_part_can_only_be_lines_that_stand_once():
    start = next(r for r in search_replace_grammar(SYMBOLS, FILES).split("\n") if r.startswith("start ::="))
    assert r'"    x = 1\n    return x + Reader.unit(text)\n"' in start
    assert r'"    x = 1\n" s' not in start


@pytest.mark.parametrize("make", [symbol_grammar, lambda symbols: search_replace_grammar(symbols, FILES)])
def test_no_symbol_no_grammar(make):
    with pytest.raises(ValueError, match="at least one symbol"):
        make([])


def test_whole_files_have_no_grammar():
    context = build_context("`size`", FILES, budget_tokens=400)
    assert grammar("whole_file", context, FILES) is None
    assert grammar("symbol", context, FILES) == symbol_grammar(context.symbols)


@pytest.fixture(scope="module")
def server():
    with LocalServer("local-small", slots=1, context=2048) as running:
        yield running


@pytest.mark.model
@pytest.mark.parametrize("format", ["symbol", "search_replace"])
def test_a_weak_model_held_to_it_always_parses(server, format):
    context = build_context("`size('2k')` returns 1025, not 2048.", FILES, budget_tokens=400)
    prompt = f"{context.text}\n\n`size('2k')` returns 1025, not 2048. Correct it."
    for seed in range(2):
        answer = httpx.post(
            f"{server.api_base}/chat/completions",
            json={
                "messages": [{"role": "user", "content": prompt}],
                "grammar": grammar(format, context, FILES),
                "temperature": 1.5,
                "max_tokens": 400,
                "seed": seed,
            },
            headers={"Authorization": f"Bearer {server.api_key}"},
            timeout=120,
            trust_env=False,
        ).json()["choices"][0]
        assert answer["finish_reason"] == "stop"
        assert well_formed(format, answer["message"]["content"])


def well_formed(format, answer):
    """The form holds; what the code says may still be wrong, which is the model's affair."""
    try:
        parse_edit(format, answer, FILES)
    except EditError as error:
        return not any(w in error.message_for_model for w in ("No edit found", "no file", "defines no", "is not in"))
    return True
