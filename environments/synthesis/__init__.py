"""Procedural bugs in real packages: operators, validation, problem statements, recipes.

Recipes hold grading data: agent/, verifiers/ and selection/ may not import this package.
"""
