"""What of a checkout's environment can be had stops nobody for what cannot."""

from io import StringIO

import pytest
from rich.console import Console

from environments.workbench.python_env import PythonEnvironmentError, _lacking
from swebench_runs.checkouts import environment_at_hand as at_hand
from swebench_runs.config import RunConfig
from swebench_runs.errors import EnvironmentMissing


def index_without(*names, asked=None):
    """Stand for an index that has no wheels of these."""

    def install(spec):
        asked.append(spec.packages)
        for name in names:
            if any(package.startswith(name) for package in spec.packages):
                raise PythonEnvironmentError(f"no {name}", name)

    return install


def test_a_package_without_a_wheel_is_left_out_and_told(tmp_path, monkeypatch):
    (tmp_path / "requirements.txt").write_text("docopt==0.6.2\nsix\nNum_2Words\n")
    asked, said = [], StringIO()
    monkeypatch.setattr(at_hand, "site_packages", index_without("docopt", "Num_2Words", asked=asked))
    spec = at_hand.environment_at_hand(tmp_path, RunConfig(), Console(file=said), by_image=False)
    assert spec.packages == asked[-1] == ("six", "pytest>=7")
    assert "left out: docopt==0.6.2" in said.getvalue()
    assert "runoff.yaml" in said.getvalue()


@pytest.mark.parametrize("files", [{"runoff.yaml": "environment: {packages: [docopt]}"}, {"requirements.txt": "six"}])
def test_what_was_written_for_runoff_or_another_failure_stops(tmp_path, monkeypatch, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(at_hand, "site_packages", index_without("docopt", "pytest", asked=[]))
    with pytest.raises(EnvironmentMissing, match="--force"):
        at_hand.environment_at_hand(tmp_path, RunConfig(), Console(file=StringIO()), by_image=False)


@pytest.mark.parametrize(
    "stderr, name",
    [
        ("ERROR: Could not find a version that satisfies the requirement a.b==1 (from versions: none)", "a.b"),
        (
            "ERROR: Could not find a version that satisfies the requirement d>=0.6 (from x-y) (from versions: none)",
            "x-y",
        ),
        ("WARNING: Retrying (\nERROR: Could not find a version that satisfies the requirement a (from versions: )", ""),
        ("ERROR: ResolutionImpossible", ""),
    ],
)
def test_pip_s_words_for_what_has_no_wheel(stderr, name):
    assert _lacking(stderr) == name
