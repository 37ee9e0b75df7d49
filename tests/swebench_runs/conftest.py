import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def scripted_endpoint():
    """The address of a running scripted server, as OPENAI_API_BASE wants it."""
    command = [sys.executable, str(Path(__file__).parent / "scripted_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().strip()
        server.communicate()
