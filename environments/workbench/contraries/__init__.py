"""A test and its contrary cannot both pass: the contraries of tests, and what it shows where both do.

halves = split({path: source}, random)      # two looks, each with other tests made their contraries
forged = passing_contraries(look, passed)   # contraries that passed although they must not
"""

from environments.workbench.contraries.looks import AS_IT_IS, Look, passing_contraries, split, untouched
from environments.workbench.contraries.negation import Negation, negations, with_contraries

__all__ = ["AS_IT_IS", "Look", "Negation", "negations", "passing_contraries", "split", "untouched", "with_contraries"]
