"""Answers of a strong model to an issue of pytest, as recorded (the test shortened), beside a few lines of its code."""

import json
from pathlib import Path

import pytest

from agent.edits import Edit, EditError
from agent.models.profiles import ModelProfile
from agent.scaffolds.replies import ReplyForms
from environments.workbench.outcome import GeneratedTest

RECORDED = json.loads((Path(__file__).parents[2] / "data" / "strong_answers.json").read_text())
ANSWERS = RECORDED["answers"]
FILES = {path: text.encode() for path, text in RECORDED["files"].items()}
CODE, NODES = FILES
FORMS = ReplyForms(ModelProfile(), None, FILES)


def read(name, first=True, kept=()):
    return FORMS.read(ANSWERS[name], origin="edit:0", first=first, kept=kept)


def test_one_misquoted_part_of_five_is_told_with_the_real_lines_and_the_others_are_kept():
    with pytest.raises(EditError) as refused:
        read("misquoted")
    told = refused.value.message_for_model
    assert told.startswith("1 of 5 parts could not be used")
    assert "   14|         chain: bool = True,\n" in told
    assert [change.path for change in refused.value.kept] == [CODE, CODE, CODE, NODES]


def test_the_next_answer_may_repeat_what_was_kept_or_hold_only_what_was_refused():
    with pytest.raises(EditError) as refused:
        read("misquoted")
    kept = refused.value.kept
    whole = read("mended")
    assert isinstance(whole, Edit)
    assert whole == read("mended", kept=kept)
    assert (whole.files[CODE].count(b"startdir"), whole.files[NODES].count(b"startdir")) == (5, 1)
    mended_part = ANSWERS["mended"].split(">>>>>>> REPLACE")[0] + ">>>>>>> REPLACE\n"
    assert FORMS.read(mended_part, origin="edit:0", first=True, kept=kept).files.keys() == {CODE, NODES}


def test_an_edit_of_a_whole_statement_changes_its_file_alone():
    edit = read("whole statement")
    assert list(edit.files) == [NODES]
    assert b"os.chdir(str(self.config.invocation_dir))" in edit.files[NODES]


def test_a_test_is_one_and_not_before_an_edit():
    test = read("test", first=False)
    assert isinstance(test, GeneratedTest)
    assert test.source.startswith("import os\nimport re\n")
    with pytest.raises(EditError, match="edit first"):
        read("test")


def test_a_judges_word_is_no_edit():
    with pytest.raises(EditError, match="No edit found"):
        read("yes")
