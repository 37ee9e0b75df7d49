"""A package of somebody else's under one of Runoff's general names is seen before it ends in a traceback."""

import os
import subprocess
import sys

from swebench_runs.cli.installation import misplaced, shared_names

MAIN = "from swebench_runs.cli import main; main()"


def test_this_installation_is_whole():
    assert misplaced() is None
    assert shared_names() == []


def test_somebody_else_s_package_of_the_same_name_is_one_line(tmp_path):
    (tmp_path / "verifiers").mkdir()
    (tmp_path / "verifiers/__init__.py").write_text("raise RuntimeError('ran')\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv[1:] = ['doctor']; {MAIN}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "`verifiers` is somebody else's" in done.stderr
    assert "pipx" in done.stderr


def test_a_distribution_that_shares_a_name_is_named(tmp_path):
    info = tmp_path / "prime_verifiers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: prime-verifiers\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("verifiers\n")
    code = "from swebench_runs.cli.installation import shared_names; print(*shared_names(), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert "`prime-verifiers` has a package `verifiers` too" in done.stdout, done.stderr
