"""The tools themselves: a shell, an editor, what the harness sees of the tree (``check``), and handing in."""
