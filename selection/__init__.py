"""Reads the ballot and decides: candidates, rules, the run-off, stopping.

decision = decide(ballot, RULES["runoff"](ballot), verdict)
"""
