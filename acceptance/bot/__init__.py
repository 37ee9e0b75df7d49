"""The bot measured against a server that stands for GitHub (``tests/github_bot/standin``)."""
