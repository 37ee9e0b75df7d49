"""Sandboxes: live, isolated, disposable copies of a tree, and what they leave behind.

    with base.fork() as sandbox:
        result = sandbox.run("python -m pytest", timeout=60)     # result.exit_code, result.text

``contract.py`` says what every kind of them does; ``bubblewrap`` and ``docker`` are the kinds.
"""
