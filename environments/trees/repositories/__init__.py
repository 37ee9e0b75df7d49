"""Other people's repositories: a commit's files as a tree of one commit, and the tag that names its version."""

from environments.trees.repositories.repositories import CLONE_URL, Repositories, Tree
from environments.trees.repositories.tags import version_of

__all__ = ["CLONE_URL", "Repositories", "Tree", "version_of"]
