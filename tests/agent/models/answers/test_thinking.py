"""Reasoning in an answer's text: what follows it is the answer."""

import pytest

from agent.models.answers.thinking import split_thinking


@pytest.mark.parametrize(
    "text, answer, thought",
    [
        ("plain <b>answer</b>", "plain <b>answer</b>", ""),
        ("<think>\nhm\n</think>\n\nEDIT", "EDIT", "hm"),
        ("  <Thinking>hm</thinking>EDIT", "EDIT", "hm"),
        ("<reasoning>a</reasoning>\n<think>b</think>\nEDIT", "EDIT", "a\nb"),
        ("a draft: EDIT wrong\n</think>\n\nEDIT right", "EDIT right", "a draft: EDIT wrong"),
        ("thoughts</think>\nEDIT", "EDIT", "thoughts"),
        ("<think>\nit never ends", "", "it never ends"),
        ("<think></think>EDIT", "EDIT", ""),
        ('code = text.split("</think>")[1]\nprint(code)', 'code = text.split("</think>")[1]\nprint(code)', ""),
        ('<think duration="3">hm</think>EDIT', "EDIT", "hm"),
        ("<seed:think>hm</seed:think>EDIT", "EDIT", "hm"),
        ("[THINK]hm[/THINK]EDIT", "EDIT", "hm"),
        ("\u25c1think\u25b7hm\u25c1/think\u25b7EDIT", "EDIT", "hm"),
        ("```think\nhm\n```\n\nEDIT", "EDIT", "hm"),
        ("```think\n```python\ndraft\n```\n```\n\nEDIT", "EDIT", "```python\ndraft\n```"),
        ("<think/>\nEDIT", "EDIT", ""),
        ("<|channel>thought\nhm<channel|>EDIT", "EDIT", "hm"),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>EDIT<|return|>",
            "EDIT",
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant",
        ),
        ("```python\nthink()\n```", "```python\nthink()\n```", ""),
        ("see <think> in the middle", "see <think> in the middle", ""),
    ],
)
def test_the_answer_is_what_follows(text, answer, thought):
    assert split_thinking(text) == (answer, thought)
