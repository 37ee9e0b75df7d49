"""A server on loopback that stands for GitHub: its state is kept, its requests are held to GitHub's own description.

with GitHubStandIn(folder) as github:
    github.state.issue("ada", "a title", "a body")
    client = GitHubClient(token=github.token("bot", issues="write"), base_url=github.url)
"""

from standin.server import GitHubStandIn

__all__ = ["GitHubStandIn"]
