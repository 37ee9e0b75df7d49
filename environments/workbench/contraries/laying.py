"""Puts a look's test files into a sandbox."""

from __future__ import annotations

from environments.sandboxes.contract import Sandbox
from environments.workbench.contraries.looks import Look


def lay(sandbox: Sandbox, look: Look) -> None:
    """Write the files of a look, and take what they were out of the tree's repository, which would tell the answers.

    A repository that keeps its objects in packs keeps them: those that Runoff makes do not.
    """
    for path, content in look.files.items():
        sandbox.write(path, content)
    if look.objects:
        sandbox.run(["rm", "-f", "--", *(f".git/objects/{name[:2]}/{name[2:]}" for name in look.objects)])
