"""From what was executed to the places that samples may change, and what a change of one is."""

from itertools import islice

import pytest

from agent.models.contract import Choice, Completion, TokenLogprob, Usage
from agent.models.profiles import ModelProfile
from agent.patch import apply_patch
from agent.scaffolds.sampling.answer import Setting
from agent.scaffolds.sampling.infill import Infill
from agent.scaffolds.sampling.place import executed_of, fingerprint, line_meant
from agent.scaffolds.sampling.places import places_of
from agent.scaffolds.sampling.schedule import formats_of, schedule
from agent.scaffolds.sampling.whole_symbol import Drawn
from agent.scaffolds.sampling.words import words_of
from agent.scaffolds.scaffold import Executed

SHOP = (
    b"RATE = 1\r\n\r\n\r\nclass Shop:\r\n    def total(self, prices):\r\n"
    b'        """Add up.\r\n\r\n        With\r\n        care.\r\n        """\r\n        result = 0\r\n'
    b"        for price in prices[1:]:\r\n            result += price\r\n        return result\r\n\r\n\r\n"
    b"def total(prices):\r\n    return Shop().total(prices)\r\n"
)
FILES = {
    "shop.py": SHOP,
    "tests/test_shop.py": b"def total():\n    return 1\n",
    "broken.py": b"def total(:\n    pass\n",
}
OLD, NEW = ["        for price in prices[1:]:"], ["        for price in prices:"]
METHOD = Executed("shop.py", "Shop.total", (5, 6, 11, 12, 13), 1.0)


@pytest.fixture
def place():
    return places_of([METHOD], FILES)[0]


def test_places_are_functions_of_the_source_with_the_statements_that_ran(place):
    executed = [
        METHOD,
        Executed("tests/test_shop.py", "total", (2,), 1.0),
        Executed("shop.py", "<module>", (1,), 1.0),
        Executed("gone.py", "total", (1,), 1.0),
        Executed("broken.py", "total", (2,), 1.0),
        METHOD,
    ]
    assert [one.symbol.id for one in places_of(executed, FILES)] == ["shop.py::Shop.total"]
    assert [place.lines[number].strip() for number in place.executed] == [
        "result = 0",
        "for price in prices[1:]:",
        "result += price",
    ]
    assert places_of([executed_of(place.told)], FILES) == [place]


def test_lines_that_the_failure_went_through_come_first():
    (place,) = places_of([METHOD._replace(lines=(13, 12, 5, 6, 11), failed=(13, 12))], FILES)
    assert [place.lines[number].strip() for number in place.in_turn] == [
        "result += price",
        "for price in prices[1:]:",
        "result = 0",
    ]
    assert [place.prior(number) > 0 for number in place.executed] == [False, True, True]
    assert places_of([executed_of(place.told)], FILES) == [place]


def test_a_line_within_a_statement_is_the_statement_s():
    files = {"m.py": b"def f(a):\n    b = a\n    return g(\n        a,\n        b[1],\n    )\n"}
    (place,) = places_of([Executed("m.py", "f", (5, 3, 2), 1.0, failed=(5,))], files)
    assert place.in_turn == (2, 1)


def test_a_change_keeps_the_file_s_line_ends(place):
    source = place.with_line(place.executed[1], "        for price in prices:")
    _, after = apply_patch(place.patch(source), FILES.__getitem__)
    assert after["shop.py"] == SHOP.replace(b"prices[1:]", b"prices")


def test_blanks_and_comments_make_no_other_change(place):
    number = place.executed[0]
    assert fingerprint(place.with_line(number, "        result  =  0  # none yet")) == place.fingerprint
    assert fingerprint(place.with_line(number, "        result = 1")) != place.fingerprint
    assert fingerprint(place.with_line(number, "        result = (")) is None
    assert fingerprint(place.symbol.source + "\n    x = 1") is None


def test_a_line_replaces_stands_before_or_guards(place):
    number = place.executed[2]
    replaced, before, guarded = line_meant(place, number, "            if price:")
    assert replaced.split("\n")[number : number + 2] == ["            if price:", "        return result"]
    assert before.split("\n")[number + 1] == place.lines[number]
    assert guarded.split("\n")[number : number + 2] == ["            if price:", "                result += price"]
    assert line_meant(place, number, "   ") == ()


def test_nothing_is_put_where_it_makes_the_old_line_unreachable(place):
    number = place.executed[-1]
    margin = " " * (len(place.lines[number]) - len(place.lines[number].lstrip()))
    assert line_meant(place, number, f"{margin}return 1") == (place.with_line(number, f"{margin}return 1"),)
    assert len(line_meant(place, number, f"{margin}if 1:", f"{margin}    return 1")) == 2


def asked(format, place, answer, profile, again=0, memory=None):
    requests = []

    def ask(request):
        requests.append(request)
        return Completion(choices=tuple(answer(request)), usage=Usage(), cost=0.0, latency=0.0)

    told = {"memory": {} if memory is None else memory, "again": again}
    setting = Setting(ask, profile, "It forgets\nthe first.", "", 0.8, 1, **told)
    return [one for answers in format.answers(setting, place) for one in answers], requests


def says(*texts):
    return lambda request: [Choice(content=text, finish_reason="stop") for text in texts]


def test_what_a_line_that_failed_might_have_begun_with_is_written_before_other_lines_are_asked_about():
    (place,) = places_of([METHOD._replace(lines=(13, 5, 6, 11, 12), failed=(13,))], FILES)
    profile = ModelProfile(fim=("<b>", "<a>", "<m>"), logprobs=True)
    doubts = (TokenLogprob(token="  x", logprob=-0.1, top=(("  x", -0.1), ("  y", -1.0))),)
    _, requests = asked(
        Infill(), place, lambda _: [Choice(content="  x", finish_reason="stop", logprobs=doubts)], profile
    )
    gaps = [request.messages[0].content.split("<m>")[1] for request in requests]
    lines = [request.messages[0].content.split("<a>")[0].rsplit("\n", 2)[1].strip() for request in requests]
    assert gaps == ["", "  y", "", ""]
    assert lines[:2] == ["for price in prices[1:]:"] * 2
    assert lines[2:] == ["def total(self, prices):", "result = 0"]


def test_infill_prompts_begin_alike_and_leave_out_a_long_docstring(place):
    profile = ModelProfile(fim=("<b>", "<a>", "<m>"))
    answers, requests = asked(Infill(), place, says("        result = 1"), profile)
    prompts = [request.messages[0].content for request in requests]
    assert len(prompts) == len(answers) == 3
    assert all(request.raw and request.temperature == 0 for request in requests)
    assert all(
        prompt.startswith("<b># shop.py\n# It forgets\n# the first.\n\n    def total(self, prices):\n")
        for prompt in prompts
    )
    assert "With" not in prompts[0]
    assert prompts[1].split("<a>")[0].endswith("        result = 0\n")


def test_the_likeliest_of_what_a_line_might_have_begun_with_is_written_when_it_is_asked_about_again(place):
    profile = ModelProfile(fim=("<b>", "<a>", "<m>"), logprobs=True)
    doubts = (
        TokenLogprob(token="  x =", logprob=-0.1, top=(("  x =", -0.1), ("  y =", -2.0), ("  #", -0.2), ("  ", -0.1))),
        TokenLogprob(token=" 1", logprob=-0.1, top=((" 1", -0.1), (" 2", -1.0), ("\n", -9.0))),
        TokenLogprob(token="\n", logprob=-0.1, top=(("\n", -0.1), (" +", -3.0))),
    )

    def answer(request):
        begun = request.messages[0].content.split("<m>")[1]
        if begun:
            return [Choice(content=" tail", finish_reason="stop", logprobs=())]
        return [Choice(content="  x = 1", finish_reason="stop", logprobs=doubts)]

    memory = {}
    asked(Infill(), place, answer, profile, memory=memory)
    answers, requests = asked(Infill(), place, answer, profile, again=1, memory=memory)
    assert [request.messages[0].content.split("<m>")[1] for request in requests] == 3 * [
        "  x = 2",
        "  y =",
        "  x = 1 +",
    ]
    assert "  x = 2 tail" in answers[0].sources[0].split("\n")


def test_a_line_that_opens_a_block_is_asked_for_what_stands_in_it(place):
    profile = ModelProfile(fim=("<b>", "<a>", "<m>"))

    def answer(request):
        opened = request.messages[0].content.endswith("if not prices:\n")
        return [Choice(content="            return 0" if opened else "        if not prices:", finish_reason="stop")]

    answers, _ = asked(Infill(), place, answer, profile)
    made = [answer.sources[0] for answer in answers]
    assert any("        if not prices:\n            return 0\n" in source for source in made)


def test_a_function_in_one_line_is_asked_about_too(place):
    profile = ModelProfile(fim=("<b>", "<a>", "<m>"))
    (one,) = places_of([Executed("one.py", "twice", (1,), 1.0)], {"one.py": b"def twice(x): return x  # not yet\n"})
    answers, (request,) = asked(Infill(), one, says("def twice(x): return 2 * x"), profile)
    assert answers[0].sources[0] == "def twice(x): return 2 * x"
    assert request.messages[0].content.endswith("# the first.\n\n<a>\n<m>")


def test_comments_are_not_shown_and_a_source_that_breaks_off_is_read_as_far_as_it_goes():
    words = words_of("    x = 1  # one\n    y = (\n")
    assert [(word.text, word.comment) for word in words][:4] == [
        ("x", False),
        ("=", False),
        ("1", False),
        ("# one", True),
    ]
    assert words[0].start == 4


def test_a_whole_function_or_a_block_is_a_change_of_its_place_alone(place):
    body = place.symbol.source.replace("prices[1:]", "prices")
    same = f"shop.py::Shop.total\n```python\n{place.symbol.source}\n```"
    right = f"shop.py::Shop.total\n```python\n{body}\n```"
    elsewhere = "shop.py::total\n```python\ndef total(prices):\n    return 1\n```"
    answers, _ = asked(Drawn("symbol"), place, says(right, same, elsewhere, "no block"), ModelProfile())
    assert [answer.sources for answer in answers][:2] == [(body,), (place.symbol.source,)]
    assert fingerprint(answers[2].sources[0]) == place.fingerprint
    assert answers[3].sources == ()
    block = "\n".join(("shop.py", "<<<<<<< SEARCH", *OLD, "=======", *NEW, ">>>>>>> REPLACE"))
    (answer,), _ = asked(Drawn("search_replace"), place, says(block), ModelProfile())
    assert answer.sources == (body,)


def test_likely_places_come_first_and_again_before_the_schedule_goes_wider():
    order = [(place, again) for place, _, again in schedule([f"p{n}" for n in range(7)], ["format"])]
    assert order[:6] == [("p0", 0), ("p1", 0), ("p2", 0), ("p0", 1), ("p1", 1), ("p2", 1)]
    assert order.index(("p6", 0)) > order.index(("p3", 0)) > order.index(("p0", 1))


@pytest.mark.parametrize("siblings", [1, 2, 3, 5])
def test_siblings_never_ask_the_same_and_leave_nothing_out(siblings):
    asked = [order for index in range(siblings) for order in islice(schedule("abcd", "xyz", index, siblings), 60)]
    assert len(set(asked)) == len(asked)
    first = {order[:2]: order[2] for order in reversed(asked)}
    assert len(first) == 12
    assert all((*pair, 0) in asked for pair in first)
    begun = {next(schedule("abcd", "xyz", index, siblings))[:2] for index in range(siblings)}
    assert len(begun) == siblings


def test_a_place_in_a_format_is_one_siblings_affair_and_a_costly_format_waits():
    owners = {}
    for index in range(3):
        for *pair, _ in islice(schedule("abcd", "xyz", index, 3), 40):
            owners.setdefault(tuple(pair), set()).add(index)
    assert all(len(found) == 1 for found in owners.values())
    assert len({owners["a", form].pop() for form in "xyz"}) == 3
    order = [pair[:2] for pair in schedule("abcd", "xyz")]
    assert order.index(("a", "x")) < order.index(("c", "x")) < order.index(("a", "y")) < order.index(("a", "z"))


def test_one_place_in_one_format_keeps_all_siblings_at_work():
    asked = [[again for *_, again in islice(schedule("a", "x", index, 3), 4)] for index in range(3)]
    assert asked == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]


def test_formats_are_those_that_a_model_can_be_asked_in():
    local = ModelProfile(fim=("a", "b", "c"), logprobs=True, server="llamacpp")
    assert [format.name for format in formats_of(local)] == ["infill", "cloze", "branch", "symbol"]
    assert [format.name for format in formats_of(ModelProfile())] == ["symbol", "search_replace"]
