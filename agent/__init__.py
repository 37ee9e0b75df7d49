"""Makes one trajectory: model client, context, edits, scaffolds, budgets, prompts."""
