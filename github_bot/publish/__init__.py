"""Phase two: an artifact is checked and posted. No model, and nothing of the repository is run.

done = publish(read_artifact(folder), Target("octo/shop", 7, request.id), client, known_secrets(os.environ))
"""

from github_bot.publish.checks import Target
from github_bot.publish.publishing import Published, publish, publish_folder
from github_bot.publish.secrets import known_secrets

__all__ = ["Published", "Target", "known_secrets", "publish", "publish_folder"]
