"""Whether the sandbox's user can work in an image that somebody else made."""

from __future__ import annotations

from typing import Literal

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import DockerSandbox, Engine
from environments.sandboxes.inside import UID

_PATHS = {"python": "python -c 'import sys; print(sys.executable)'", "git": "command -v git"}
_CHECK = " && git rev-parse HEAD && touch -- .runoff && rm -- .runoff"


def assert_usable(engine: Engine, image: str, name: str, head: str, program: Literal["python", "git"]) -> str:
    """Return the path of a program in an image. Raises SandboxError unless uid 1000 can run it and change the tree.

    ``name``: the image's, for the message; ``head``: the tree's one commit.
    """
    with DockerSandbox.create(image, engine=engine, run_id="adopt", head=head) as sandbox:
        result = sandbox.run(_PATHS[program] + _CHECK)
    if result.exit_code != 0 or head not in result.text:
        said = " ".join(result.text.split())[-300:]
        wanted = "bash, git and python" if program == "python" else "bash and git"
        raise SandboxError(f"{name} cannot be used by the sandbox's user, uid {UID}, with {wanted}: {said}")
    return result.text.split("\n", 1)[0]
