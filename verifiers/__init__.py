"""Fills the ballot: reproduction tests, regression baseline, the vote matrix, LLM judges."""
