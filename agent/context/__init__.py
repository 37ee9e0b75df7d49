"""What a model sees of a repository: symbols ranked for an issue, packed into a token budget.

build_context(issue, files, budget_tokens=4000).text
"""

from agent.context.build import NOTHING_SHOWN, Context, build_context
from agent.context.symbols import Symbol, symbols_of
from agent.context.tokens import estimate_tokens

__all__ = ["NOTHING_SHOWN", "Context", "Symbol", "build_context", "estimate_tokens", "symbols_of"]
