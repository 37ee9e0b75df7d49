"""The format ``branch``: a scripted model copies a function and tells what else it might have written."""

import re

import pytest

from agent.context.symbols import symbols_of
from agent.models.contract import Choice, Completion, TokenLogprob, Usage
from agent.models.profiles import ModelProfile
from agent.scaffolds.sampling.answer import Setting
from agent.scaffolds.sampling.branch import Branch, parts_of
from agent.scaffolds.sampling.place import Place

SOURCE = "def total(prices):\n    result = 0\n    for price in prices[1:]:\n        result += price\n    return result"


def place():
    raw = SOURCE.encode() + b"\n"
    return Place(symbols_of("shop.py", raw)[0], raw, in_turn=(1, 2, 3, 4), score=1.0)


class Copier:
    """Copies ``source`` from wherever it is led to; ``doubts``: word -> what else it might have written there."""

    def __init__(self, source=SOURCE, doubts=None, lines=None):
        self.source, self.doubts, self.lines = source + "\n```", doubts or {}, lines or {}
        self.opened, self.prompts = [], []

    def __call__(self, request):
        opened = request.messages[-1].content.removeprefix("```python\n")
        self.opened.append(opened)
        self.prompts.append(request.messages[1].content)
        if "\n" in request.stop:
            choice = Choice(content=self.lines.get(opened.rpartition("\n")[2], ""), finish_reason="stop", logprobs=())
            return Completion(choices=(choice,), usage=Usage(), cost=0.0, latency=0.0)
        rest = self.source[len(opened) :].split("```")[0]
        words = re.findall(r"\n| *[^ \n]+", rest)
        tokens = [
            TokenLogprob(token=word, logprob=-0.1, top=((word, -0.1), *self.doubts.get(word.strip(), ())))
            for word in words
        ]
        choice = Choice(content=rest, finish_reason="stop", logprobs=tuple(tokens))
        return Completion(choices=(choice,), usage=Usage(), cost=0.0, latency=0.0)


@pytest.fixture
def asked():
    def asked(copier, again=0, memory=None):
        setting = Setting(
            copier,
            ModelProfile(logprobs=True),
            "it forgets one",
            "",
            0.8,
            1,
            memory={} if memory is None else memory,
            again=again,
        )
        return [answer for answers in Branch().answers(setting, place()) for answer in answers]

    return asked


def test_the_likeliest_doubts_are_written_from_the_end_to_the_beginning(asked):
    doubts = {"prices[1:]:": ((" prices:", -2.0),), "0": ((" 1", -1.0), (" # zero", -0.5), (" ", -0.1))}
    copier = Copier(doubts=doubts, lines={"    for price in prices:": "", "    result = 1": ""})
    answers = asked(copier)
    written = [answer.sources[0].split("\n") for answer in answers]
    assert written[0][2] == "    for price in prices:"
    assert written[1][1] == "    result = 1"
    assert len(answers) == 2
    assert [one.rpartition("\n")[2] for one in copier.opened[-2:]] == ["    for price in prices:", "    result = 1"]


def test_where_the_model_leaves_the_code_it_is_led_back(asked):
    copier = Copier(source=SOURCE.replace("prices[1:]", "sorted(prices)"))
    answers = asked(copier)
    assert answers[0].sources[0].split("\n")[2] == "    for price in sorted(prices):"
    assert copier.opened[1].endswith("    for price in prices[1:]:\n")


def test_the_head_of_a_block_gets_its_first_line(asked):
    doubts = {"0": ((" 0 if prices:", -1.0),)}
    copier = Copier(doubts=doubts, lines={"    result = 0 if prices:": "", "": "        pass"})
    answers = asked(copier)
    assert answers[1].sources[0].split("\n")[1:3] == ["    result = 0 if prices:", "        pass"]
    assert "        result = 0" in answers[0].sources[2].split("\n")


def test_a_place_is_copied_once(asked):
    copier = Copier(doubts={"0": ((" 1", -1.0),)})
    memory = {}
    asked(copier, memory=memory)
    asked(copier, again=1, memory=memory)
    assert len([one for one in copier.opened if one.endswith("\n")]) == 1


def test_a_long_function_is_copied_part_by_part():
    body = [f"    x{number} = {number} + {'1' * 60}" for number in range(60)]
    raw = "\n".join(["def long():", *body, ""]).encode()
    long = Place(symbols_of("shop.py", raw)[0], raw, in_turn=tuple(range(1, 61)), score=1.0)
    parts = parts_of(long)
    assert (parts[0][0], parts[-1][1], len(parts)) == (1, 61, 3)
    assert [one[1] for one in parts[:-1]] == [one[0] for one in parts[1:]]
    copier = Copier(source="", doubts={})
    setting = Setting(copier, ModelProfile(logprobs=True), "", "", 0.8, 1, again=1)
    list(Branch().answers(setting, long))
    asked = copier.prompts[0]
    assert "x0 = " not in asked
    assert body[parts[1][0] - 1] in asked
    assert len(asked) < 2 * 1600
    assert copier.opened[0] == "\n".join(body[parts[1][0] - 4 : parts[1][0] - 1]) + "\n"
