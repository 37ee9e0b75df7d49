"""Looks at tests that were changed so that a forged pass shows: contraries, and answers that are withheld.

A test and its contrary cannot both pass; and who passes a test has come to its answer.

halves = split({path: source}, random)      # two looks, each with other tests made their contraries
forged = passing_contraries(look, passed)   # contraries that passed although they must not
wrong_answers(look, said(sandbox, look.answers), passed)    # tests that passed without their answers
"""

from environments.workbench.contraries.laying import lay
from environments.workbench.contraries.looks import (
    AS_IT_IS,
    Look,
    one_look,
    passing_contraries,
    split,
    untouched,
    wrong_answers,
)
from environments.workbench.contraries.negation import Negation, negations, with_contraries
from environments.workbench.contraries.sent import Said, said
from environments.workbench.contraries.withheld import Answers

__all__ = [
    "AS_IT_IS",
    "Answers",
    "Look",
    "Negation",
    "Said",
    "lay",
    "negations",
    "one_look",
    "passing_contraries",
    "said",
    "split",
    "untouched",
    "with_contraries",
    "wrong_answers",
]
