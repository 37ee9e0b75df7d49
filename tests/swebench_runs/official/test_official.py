"""The official definition of resolved: from a log to a verdict and its report files."""

import pytest

from environments.workbench.test_logs import READERS, Status
from swebench_runs.official import EvalType, Resolution, TestLists, read_log, verdict_of
from swebench_runs.official.evaluation_log import LogProblem
from swebench_runs.official.infrastructure import Tier, infrastructure_sign
from swebench_runs.official.marks import APPLY_FAILED, END, EXIT_CODE, START, TESTS_TIMED_OUT
from swebench_runs.official.policy import POLICIES, Incident
from swebench_runs.official.reports import instance_report, summary

PASSED, FAILED, SKIPPED, ERROR, XFAIL = Status.PASSED, Status.FAILED, Status.SKIPPED, Status.ERROR, Status.XFAIL
LISTS = TestLists(fail_to_pass=("t::new",), pass_to_pass=("t::old",))


def log_of(inside, *, code=None, before="", after=""):
    return (
        f"{before}+ : '{START}'\n{inside}\n+ : '{END}'\n"
        + (f"{EXIT_CODE}: {code}\n" if code is not None else "")
        + after
    )


def read(log):
    return read_log(log, READERS["pytest"])


class TestLog:
    def test_only_what_stands_between_the_marks_counts(self):
        reading = read(log_of("PASSED t::new", before="PASSED t::before\n", after="PASSED t::after\n"))
        assert (reading.statuses, reading.problem) == ({"t::new": PASSED}, None)

    def test_where_nothing_stands_there_the_whole_log_is_read(self):
        assert read(log_of("", after="PASSED t::late\n")).statuses == {"t::late": PASSED}

    @pytest.mark.parametrize("mark", [APPLY_FAILED, TESTS_TIMED_OUT])
    def test_a_mark_of_failure_makes_a_log_worthless(self, mark):
        assert read(log_of("PASSED t::new", after=mark)).problem is LogProblem.MARKED

    @pytest.mark.parametrize("log", ["", "PASSED t::new", f"{START}\nPASSED t::new", f"PASSED t::new\n{END}"])
    def test_without_marks_nothing_is_known(self, log):
        assert read(log).problem is LogProblem.NO_MARKS

    @pytest.mark.parametrize(
        "inside", [f"PASSED t::new\n{END}\nFAILED t::new", f"{START}\nPASSED t::new", f"{END}\n{START}\nPASSED t::new"]
    )
    def test_marks_that_the_graded_code_printed_are_no_marks(self, inside):
        assert read(log_of(inside)).problem is LogProblem.REPEATED_MARKS

    def test_a_suite_that_failed_without_a_failure_is_not_believed(self):
        assert read(log_of("PASSED t::new", code=1)).problem is LogProblem.CONTRADICTED
        assert read(log_of("PASSED t::new\nFAILED t::x", code=1)).problem is None
        assert read(log_of("PASSED t::new", code=0)).problem is None

    def test_a_line_of_digits_is_neither_a_code_nor_read_by_the_square(self):
        digits = "1" * 1_000_000
        assert read(log_of(digits)).problem is LogProblem.NO_RESULTS
        assert read(log_of(f"PASSED t::new\n{EXIT_CODE}: {digits}")).exit_code is None

    def test_of_two_exit_codes_the_scripts_own_counts(self):
        assert read(log_of(f"PASSED t::new\n{EXIT_CODE}: 0", code=1)).problem is LogProblem.CONTRADICTED

    def test_silence_is_no_result_unless_something_ran(self):
        assert read(log_of("Traceback ...")).problem is LogProblem.NO_RESULTS
        assert read(log_of("Executed 0 of 0")).problem is LogProblem.NO_RESULTS
        assert read(log_of("Executed 3 of 3")).problem is None

    def test_line_ends_of_any_kind_are_read(self):
        assert read(log_of("PASSED t::new\r\nFAILED t::old\rPASSED t::x")).statuses == {
            "t::new": PASSED,
            "t::old": FAILED,
            "t::x": PASSED,
        }


class TestVerdict:
    @pytest.mark.parametrize(
        "new, old, resolution",
        [
            (PASSED, PASSED, Resolution.FULL),
            (XFAIL, XFAIL, Resolution.FULL),
            (PASSED, SKIPPED, Resolution.FULL),
            (SKIPPED, PASSED, Resolution.NO),
            (FAILED, PASSED, Resolution.NO),
            (ERROR, PASSED, Resolution.NO),
            (PASSED, FAILED, Resolution.NO),
            (PASSED, ERROR, Resolution.NO),
            (None, PASSED, Resolution.NO),
            (PASSED, None, Resolution.NO),
        ],
    )
    def test_every_status_on_either_side(self, new, old, resolution):
        statuses = {name: what for name, what in (("t::new", new), ("t::old", old)) if what}
        assert verdict_of(statuses, LISTS).resolution is resolution

    def test_part_of_the_failing_tests_is_part_of_the_way(self):
        lists = TestLists(fail_to_pass=("a", "b"), pass_to_pass=("c",))
        assert verdict_of({"a": PASSED, "b": FAILED, "c": PASSED}, lists).resolution is Resolution.PARTIAL
        assert verdict_of({"a": PASSED, "b": FAILED, "c": FAILED}, lists).resolution is Resolution.NO

    def test_an_empty_list_asks_for_nothing(self):
        assert verdict_of({"c": PASSED}, TestLists(fail_to_pass=(), pass_to_pass=("c",))).resolved
        assert verdict_of({"a": PASSED}, TestLists(fail_to_pass=("a",), pass_to_pass=())).resolved

    def test_a_name_that_was_cut_off_stands_for_all_it_may_mean_if_they_agree(self):
        lists = TestLists(fail_to_pass=("t::new[log(a",), pass_to_pass=())
        assert verdict_of({"t::new[log(a b)]": PASSED, "t::new[log(a c)]": XFAIL}, lists).resolved
        assert not verdict_of({"t::new[log(a b)]": PASSED, "t::new[log(a c)]": FAILED}, lists).resolved
        assert not verdict_of({"t::new[exp(a b)]": PASSED}, lists).resolved

    def test_a_whole_name_never_stands_for_others(self):
        assert not verdict_of({"t::new_and_more": PASSED, "t::old": PASSED}, LISTS).resolved

    def test_where_only_failures_are_named_silence_is_success(self):
        lists = LISTS.model_copy(update={"eval_type": EvalType.FAIL_ONLY})
        assert verdict_of({}, lists).resolved
        assert verdict_of({"t::new": ERROR}, lists).resolved
        assert not verdict_of({"t::new": FAILED}, lists).resolved


class TestReports:
    def test_an_instance_report_has_the_official_keys(self):
        log = log_of("PASSED t::new\nPASSED t::old", code=0)
        assert instance_report("x__y-1", "diff", log, read(log), LISTS) == {
            "x__y-1": {
                "patch_is_None": False,
                "patch_exists": True,
                "patch_successfully_applied": True,
                "resolved": True,
                "infra_failure": False,
                "tests_status": {
                    "FAIL_TO_PASS": {"success": ["t::new"], "failure": []},
                    "PASS_TO_PASS": {"success": ["t::old"], "failure": []},
                    "FAIL_TO_FAIL": {"success": [], "failure": []},
                    "PASS_TO_FAIL": {"success": [], "failure": []},
                },
            }
        }

    def test_a_log_that_tells_nothing_says_why_if_it_can(self):
        log = "Error response from daemon: no space left"
        entry = instance_report("i", "diff", log, read(log), LISTS)["i"]
        assert (entry["resolved"], entry["infra_failure"]) == (False, True)
        assert entry["infra_failure_reason"] == "container_unavailable"
        assert "tests_status" not in entry

    def test_no_prediction_is_no_patch(self):
        entry = instance_report("i", None, "", read(""), LISTS)["i"]
        assert (entry["patch_is_None"], entry["patch_exists"], entry["resolved"]) == (True, False, False)

    def test_a_summary_puts_each_instance_where_the_official_one_does(self):
        sign = infrastructure_sign("ModuleNotFoundError: x")
        made = summary(
            ["a", "b", "c", "d", "e"],
            {"a": "p", "b": "p", "c": "p", "d": "", "foreign": "p"},
            {"a": True, "b": False, "c": None},
            {"b": sign, "a": sign},
        )
        assert made == {
            "total_instances": 5,
            "submitted_instances": 5,
            "completed_instances": 2,
            "resolved_instances": 1,
            "unresolved_instances": 1,
            "infra_failure_instances": 0,
            "ambiguous_failure_instances": 1,
            "empty_patch_instances": 1,
            "error_instances": 1,
            "completed_ids": ["a", "b"],
            "incomplete_ids": ["e"],
            "empty_patch_ids": ["d"],
            "submitted_ids": ["a", "b", "c", "d", "foreign"],
            "resolved_ids": ["a"],
            "unresolved_ids": ["b"],
            "infra_failure_ids": [],
            "ambiguous_failure_ids": ["b"],
            "failure_reasons": {"b": "missing_module"},
            "error_ids": ["c"],
            "schema_version": 2,
        }

    def test_signs_of_a_broken_machine_come_in_order_of_weight(self):
        assert infrastructure_sign("fine") is None
        assert infrastructure_sign("collected 0 items\nCannot allocate memory").tier is Tier.ENVIRONMENT
        assert infrastructure_sign("the Killed bird") is None

    def test_an_inner_run_of_pytest_is_no_sign(self):
        inner = "collected 0 items\n===== no tests ran in 0.01s =====\n"
        outer = "collected 12 items\n{}===== 1 failed, 11 passed in 2.21s =====\n"
        assert infrastructure_sign(outer.format(inner)) is None
        assert infrastructure_sign(outer.format("collected 0 items\n")) is None
        assert infrastructure_sign(inner).reason == "no_tests_collected"
        assert infrastructure_sign(f"===== 1 passed in 1s =====\n{inner}").reason == "no_tests_collected"
        assert infrastructure_sign("12 passed in 3.00s\nCannot allocate memory").reason == "out_of_memory"


class TestPolicy:
    def test_every_incident_has_one(self):
        assert set(POLICIES) == set(Incident)

    def test_what_the_machine_does_wrong_never_counts_against_a_patch(self):
        machine = {name for name in Incident if name.startswith(("image_", "sandbox_", "engine_", "host_", "row_"))}
        assert {name for name, policy in POLICIES.items() if policy.grade == "not_evaluated"} == machine

    def test_what_a_patch_does_wrong_is_never_tried_again(self):
        assert not [name for name, policy in POLICIES.items() if policy.retry and policy.grade != "not_evaluated"]
