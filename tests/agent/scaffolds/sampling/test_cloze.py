"""The format ``cloze``: a scripted model says what else might stand at each word of a line."""

from dataclasses import replace

from agent.context.symbols import symbols_of
from agent.models.contract import Choice, Completion, TokenLogprob, Usage
from agent.models.profiles import ModelProfile
from agent.scaffolds.sampling.answer import Setting
from agent.scaffolds.sampling.cloze import Cloze
from agent.scaffolds.sampling.place import Place
from agent.scaffolds.sampling.words import words_of

SOURCE = (
    "    def total(self, prices, rate):\n"
    "        result = start(rate, prices)  # begin\n"
    "        if prices is not None:\n"
    "            result += prices[1]\n"
    "        return result\n"
)
PROFILE = ModelProfile(fim=("<b>", "<a>", "<m>"), logprobs=True)


def place(source=SOURCE):
    raw = b"class Shop:\n    KINDS = ('whole', \"width\", b'raw')\n\n" + source.encode()
    symbol = next(one for one in symbols_of("shop.py", raw) if one.last_name == "total")
    return Place(symbol, raw, in_turn=(1, 2, 3), score=1.0)


def made(alternatives, again=0, memory=None, where=None):
    """Return the changed lines, in the order of their trial; ``alternatives``: beginning of a line -> tokens."""
    begun = []

    def ask(request):
        begun.append(request.messages[0].content.split("<m>")[1])
        assert request.raw
        assert request.max_tokens == 1
        top = tuple(alternatives.get(begun[-1], ()))
        token = TokenLogprob(token="x", logprob=-0.1, top=top)
        return Completion(
            choices=(Choice(content="x", finish_reason="length", logprobs=(token,)),),
            usage=Usage(),
            cost=0.0,
            latency=0.0,
        )

    memory = {} if memory is None else memory
    setting = Setting(ask, PROFILE, "issue", "", 0.8, 1, memory=memory, again=again)
    where = where or place()
    answers = [answer for batch in Cloze().answers(setting, where) for answer in batch]
    old = where.symbol.source.split("\n")
    lines = [
        [new for new, was in zip(source.split("\n"), old, strict=True) if new != was]
        for answer in answers
        for source in answer.sources
    ]
    return [line.strip() for (line,) in lines], begun


def test_every_word_is_looked_at_without_what_stands_there():
    words = [word for word in words_of(place().symbol.source) if word.line == 2]
    assert [word.text for word in words] == ["if", "prices", "is", "not", "None", ":"]
    _, begun = made({})
    assert begun[-4:] == [
        "            result +=",
        "            result += prices",
        "            result += prices[",
        "            result += prices[1",
    ]


def test_alternatives_replace_leave_out_exchange_and_stand_before():
    changed, _ = made({"            result += prices[": [("0", -1.0), ("1", -0.1)]})
    assert changed == ["result += prices[0]"]
    changed, _ = made({"        if prices is": [(" None", -1.0)]})
    assert "if prices is None:" in changed
    changed, _ = made({"        result = start(": [("prices", -1.0)]})
    assert "result = start(prices, rate)  # begin" in changed
    changed, _ = made({"        if": [(" not", -1.0)]})
    assert "if not prices is not None:" in changed


def test_the_likeliest_come_first_and_nothing_is_looked_at_or_tried_twice():
    doubts = {"            result += prices[": [("0", -3.0), ("2", -1.0)], "        result = start(": [("self", -2.0)]}
    memory = {}
    changed, begun = made(doubts, memory=memory)
    assert changed == ["result += prices[2]", "result = start(self, prices)  # begin", "result += prices[0]"]
    assert begun
    assert made(doubts, again=1, memory=memory) == ([], [])


def test_what_is_no_other_code_or_a_comment_is_not_tried():
    assert made({"            result += prices[": [("#", -0.5), ("]", -0.5), (" ", -0.1)]})[0] == []
    assert not Cloze().usable(ModelProfile(fim=("a", "b", "c")))


def test_a_text_is_looked_at_within_its_quotes_and_what_the_file_holds_is_known():
    where = place(SOURCE.replace("prices[1]", "prices['=']"))
    changed, begun = made({"            result += prices['": [("w", -1.0), (":'", -2.0), ("='", -0.1)]}, where=where)
    assert "            result += prices['" in begun
    assert changed == [
        "result += prices['w']",
        "result += prices['whole']",
        'result += prices["width"]',
        "result += prices[':']",
    ]


def test_what_is_left_out_takes_its_bracket_with_it():
    where = place(SOURCE.replace("prices is not None:", "not (prices is None):"))
    changed, _ = made({"        if": [(" prices", -1.0)]}, where=where)
    assert "if prices is None:" in changed


def test_where_it_failed_is_looked_at_and_tried_first():
    where = replace(place(), in_turn=(3, 1, 2), failed=(3,))
    doubts = {"            result += prices[": [("0", -3.0)], "        result = start(": [("self", -2.0)]}
    changed, begun = made(doubts, where=where)
    assert changed == ["result += prices[0]", "result = start(self, prices)  # begin"]
    assert begun[0] == "           "
