"""Fills the ballot: tests of the issue's examples, the suite on the base, votes, judges, consensus.

ballot = vote(bench, entries=entries, candidates=candidates, tests=tests, issue_tests=issue_tests, base=baseline)
"""
