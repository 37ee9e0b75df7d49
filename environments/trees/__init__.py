"""A task's tree: where it comes from, as one commit, and how patches are laid on it.

commit = one_commit(source, destination)     # a copy with no history, remote or secret beyond it
"""
