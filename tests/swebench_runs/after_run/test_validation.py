"""Validation: gold must be resolved, no patch must not; records are resumed; what was built goes."""

from contextlib import contextmanager

import pytest

from environments.images.engine_build import ImageBuildError
from environments.specs import ImageSpec, SpecError, layer_key
from swebench_runs.after_run.validation import stored, validate_rows
from swebench_runs.after_run.validation import validate as running
from swebench_runs.after_run.validation.table import by_repository, markdown
from swebench_runs.grades.row_grading import Evaluation
from swebench_runs.official.policy import Incident
from swebench_runs.official.verdict import Sides, Verdict
from swebench_runs.rows import read_row

SPEC = ImageSpec(
    repo="a/b", version="1.0", validated=False, python="3.9", pins_name="none", pins=(), install="true",
    test_command="pytest -rA", log_parser="pytest",
)  # fmt: skip


def row(number, patch="gold"):
    return read_row(
        {
            "repo": "a/b", "instance_id": f"a__b-{number}", "base_commit": "1" * 40, "problem_statement": "x",
            "version": "1.0", "patch": patch, "test_patch": "t", "FAIL_TO_PASS": ["new"], "PASS_TO_PASS": ["old"],
        },
        "here",
    )  # fmt: skip


def evaluation(new, old):
    sides = [Sides(success=("t",) if good else (), failure=() if good else ("t",)) for good in (new, old)]
    verdict = Verdict(fail_to_pass=sides[0], pass_to_pass=sides[1])
    return Evaluation(
        Incident.TESTS_RAN, log="said", verdict=verdict, resolved=verdict.resolved, official_resolved=verdict.resolved
    )


class ScriptedImages:
    """Stands in for images: those of ``missing`` cannot be built, those of ``there`` were there before."""

    def __init__(self, missing=(), there=()):
        self.missing, self.there, self.made, self.removed = missing, there, [], []

    def run_spec(self, row):
        if "unknown" in row.instance_id:
            raise SpecError("nobody knows a/b")
        return SPEC

    def ensure(self, row, spec):
        if row.instance_id in self.missing:
            raise ImageBuildError("no\nspace")
        self.made.append(row.instance_id)
        image = type("Image", (), {})()
        image.reference, image.head, image.reused = row.instance_id, "2" * 40, row.instance_id in self.there
        image.seconds, image.added_bytes, image.layer = 1.5, 3 << 20, layer_key(spec)
        return image

    def remove(self, image):
        self.removed.append(image.reference)


@pytest.fixture
def behave(monkeypatch):
    """Say what the hidden tests do: by patch, whether the new test passes and whether the old one does."""

    @contextmanager
    def opened(image, spec, **named):
        yield image.reference

    def set_to(behaviour):
        monkeypatch.setattr(running, "evaluate", lambda row, patch, base, spec: evaluation(*behaviour[patch]))

    monkeypatch.setattr(running, "open_task_image", opened)
    set_to({"gold": (True, True), "wrong": (False, True), "nothing": (True, True), None: (False, True)})
    return set_to


def test_a_sound_row_is_valid_and_its_image_goes(behave, tmp_path):
    images = ScriptedImages()
    (found,) = validate_rows([row(1)], images, tmp_path)
    assert (found.valid, found.strict, found.why) == (True, True, "")
    assert (found.gold.fail_to_pass, found.base.fail_to_pass) == ((1, 1), (0, 1))
    assert (found.image_seconds, found.image_bytes) == (1.5, 3 << 20)
    assert images.removed == ["a__b-1"]
    assert (tmp_path / "logs/a__b-1/gold.log").read_text() == (tmp_path / "logs/a__b-1/empty.log").read_text() == "said"


@pytest.mark.parametrize(("keep", "there"), [(True, ()), (False, ("a__b-1",))])
def test_an_image_stays_where_asked_or_where_it_was_before(behave, tmp_path, keep, there):
    images = ScriptedImages(there=there)
    validate_rows([row(1)], images, tmp_path, keep=keep)
    assert images.removed == []


def test_unsound_rows_say_why(behave, tmp_path):
    (wrong,) = validate_rows([row(1, "wrong")], ScriptedImages(), tmp_path / "a")
    assert wrong.why == "gold is not resolved: 1 of 1 of FAIL_TO_PASS and 0 of 1 of PASS_TO_PASS do not pass, e.g. t"
    behave({"gold": (True, True), None: (True, True)})
    (nothing,) = validate_rows([row(1)], ScriptedImages(), tmp_path / "b")
    assert nothing.why == "without any patch it is resolved too: the tests tell nothing"


def test_what_the_machine_failed_is_tried_again_and_the_rest_is_not(behave, tmp_path):
    rows = [row(1), row(2), row("unknown")]
    first = validate_rows(rows, ScriptedImages(missing=["a__b-2"]), tmp_path, workers=2)
    assert [one.why for one in first] == ["", "no space", "nobody knows a/b"]
    again = ScriptedImages()
    second = validate_rows(rows, again, tmp_path)
    assert again.made == ["a__b-2"]
    assert [one.valid for one in second] == [True, True, False]


def test_a_torn_line_is_cut_off(behave, tmp_path):
    validate_rows([row(1)], ScriptedImages(), tmp_path)
    path = tmp_path / "validation.jsonl"
    path.write_bytes(path.read_bytes() + b'{"instance_id": "a__')
    images = ScriptedImages()
    assert [one.instance_id for one in validate_rows([row(1), row(2)], images, tmp_path)] == ["a__b-1", "a__b-2"]
    assert images.made == ["a__b-2"]
    assert len(list(stored(path))) == 2


def test_the_table_counts_by_repository(behave, tmp_path):
    found = validate_rows([row(1), row(2, "wrong")], ScriptedImages(), tmp_path)
    assert by_repository(found)[-1] == ("all", "1 of 2", "1", "3.9", "1", "1.5 (1.5)", "3 (3)", "0.0 (0.0)")
    assert "| a__b-2 | gold is not resolved" in markdown(found)


def test_an_image_that_was_there_does_not_count_as_built_at_once(behave, tmp_path):
    built, there = validate_rows([row(1), row(2)], ScriptedImages(), tmp_path)
    images = [built, there.model_copy(update={"image_seconds": 0.0})]
    assert by_repository(images)[-1][5] == "1.5 (1.5)"
    assert by_repository(images[1:])[-1][5] == "-"
