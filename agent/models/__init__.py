"""Models: their contract, litellm behind it, the embedded one, profiles and prices.

with connect("anthropic/claude-sonnet-4-5") as model:
    answer = model.complete([Message(role="user", content="Hello")], max_tokens=100)
"""
