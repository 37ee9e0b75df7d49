"""What ranking needs to know of each file of a tree, read once per content and kept on disk.

tree_index(files, cache=IndexCache(folder)).files["pkg/core.py"].entries
"""

from agent.context.index.cache import IndexCache
from agent.context.index.file_index import Entry, FileIndex, index_file
from agent.context.index.tree import TreeIndex, read_ahead, tree_index

__all__ = ["Entry", "FileIndex", "IndexCache", "TreeIndex", "index_file", "read_ahead", "tree_index"]
