"""Makes one trajectory: models, context, edits, patches, scaffolds, budgets, prompts.

trajectory = SCAFFOLDS["edit-and-test"].run(session, plan, index=0)
"""
