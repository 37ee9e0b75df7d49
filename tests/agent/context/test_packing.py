"""Which symbols are taken into a budget: likely ones that take little, one of each file first, shown by relevance."""

from agent.context.packing import pack
from agent.context.symbols import symbols_of
from agent.context.tokens import estimate_tokens


def function(name, lines=1):
    return f"def {name}(kettle):\n" + "    kettle.boil(kettle)\n" * lines + "\n\n"


def ranked(files, **scores):
    """The symbols of files that have a score by their name, in order of it."""
    found = [symbol for path, text in files.items() for symbol in symbols_of(path, text.encode())]
    scored = [one.model_copy(update={"score": scores[one.last_name]}) for one in found if one.last_name in scores]
    return sorted(scored, key=lambda symbol: -symbol.score)


def names(packed):
    return [symbol.last_name for symbol in packed.bodies]


def test_of_two_that_are_about_as_likely_the_one_that_takes_less_is_taken_and_in_order_the_likelier():
    files = {"a.py": function("long", 100) + function("short", 20)}
    alike = ranked(files, long=1.0, short=0.99)
    room = estimate_tokens(pack(alike[:1], 5000, estimate_tokens, in_order=True).text) + 60
    assert names(pack(alike, room, estimate_tokens)) == ["short"]
    assert names(pack(alike, room, estimate_tokens, in_order=True)) == ["long"]


def test_a_function_of_each_likely_file_comes_before_the_rest_of_the_first():
    many = {f"first_{number}": 1 - number / 1000 for number in range(40)}
    files = {"a.py": "".join(function(name, 3) for name in many), "b.py": function("second", 3)}
    symbols = ranked(files, **many, second=0.2)
    shown = names(pack(symbols, 1000, estimate_tokens))
    assert (shown[0], shown[-1], "first_39" in shown) == ("first_0", "second", False)
    assert "second" not in names(pack(symbols, 1000, estimate_tokens, in_order=True))


def test_what_is_taken_is_shown_in_order_of_relevance():
    symbols = ranked({"a.py": function("long", 20) + function("short")}, long=1.0, short=0.95)
    assert names(pack(symbols, 2000, estimate_tokens)) == ["long", "short"]


def test_a_function_within_one_is_not_taken_instead_of_it():
    text = (
        "def outer(kettle):\n    kettle.boil(kettle)\n    def inner():\n        return kettle\n"
        + "    kettle.cool()\n" * 40
    )
    symbols = ranked({"a.py": text}, outer=1.0, inner=0.999)
    assert names(pack(symbols, 1500, estimate_tokens)) == ["outer"]
