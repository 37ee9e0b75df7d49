"""A test of the user's own suite that fails: named, seen failing before anything is paid, and told as an issue.

look_at(names, base, environment, root, seconds=20.0)     # UsageError for one that does not fail on the checkout
"""
