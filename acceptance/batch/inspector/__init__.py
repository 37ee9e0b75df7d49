"""The inspector on a large run: how soon it opens and turns a page, in a terminal and in chromium; see ``measure``."""
