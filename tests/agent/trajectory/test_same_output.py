"""What of a command's output may differ from run to run without a meaning, and what may not."""

from time import process_time

import pytest

from agent.trajectory.same_output import comparable, difference


def answer(output, exit_code=0, timed_out=False):
    return {"output": output, "exit_code": exit_code, "timed_out": timed_out}


@pytest.mark.parametrize(
    "one, other",
    [
        ("== 3 passed in 0.12s ==", "=== 3 passed in 11.07s ==="),
        ("5 passed, 1 skipped in 61.20s (0:01:01)", "5 passed, 1 skipped in 9.20s"),
        ("real\t0m0.012s\nuser\t1m2.1s", "real\t0m1.912s\nuser\t0m0.1s"),
        ("<shop.Cart object at 0x7f3a1c2b4d50>", "<shop.Cart object at 0x7ffe9a>"),
        ("/tmp/tmpab12cd_4/x", "/tmp/tmpzzzzzzzz/x"),
        ("/tmp/tmp.Ab12Cd34Ef", "/tmp/tmp.0000000000"),
        ("/tmp/pytest-of-runoff/pytest-0/test_a0", "/tmp/pytest-of-runoff/pytest-12/test_a0"),
        ("[1] 4711\nprocess 12: pid=77 Pid: 9\ncron[812]: x", "[1] 4711\nprocess 13: pid=1234 Pid: 10\ncron[99]: x"),
        ("-rw-r--r-- 1 runoff runoff 12 Nov 28 20:55 a.py", "-rw-r--r-- 1 runoff runoff 12 Dec  1 09:01 a.py"),
        ("2026-11-28 20:55:01,123 INFO x", "2026-12-01T09:00:00.5Z INFO x"),
        ("Sat Nov 28 20:39:16 UTC 2026", "Sun Dec  6 01:02:03 UTC 2026"),
        ("[main 1a2b3c4] change", "[main fffff12] change"),
        ("commit e8f675bd19928add6b6e8948427e3b7b2e635b40", "commit d19928add6b6e8948427e3b7b2e635b404f111bb"),
        ("e8f675b y\n0abc667 Base", "70b5f8f y\n0abc667 Base"),
        ("b.py\na.py", "a.py\nb.py"),
        ("\x1b[32mok\x1b[0m", "ok"),
        ("1 loop, best of 5: 3.21 usec per loop", "1 loop, best of 5: 1.5 msec per loop"),
    ],
)  # fmt: skip
def test_what_varies_from_run_to_run_is_no_difference(one, other):
    assert difference(answer(one), answer(other)) == ""


@pytest.mark.parametrize(
    "one, other",
    [
        ("3 passed in 0.12s", "2 passed in 0.12s"),
        ("FAILED tests/test_a.py::test_x", "FAILED tests/test_a.py::test_y"),
        ("4", "7"),
        ("a = 0x10", "a = 0x11"),
        ("version 1.2.3", "version 1.2.4"),
        ("index 575595f..402b9ef", "index 575595f..402b9ee"),
        ("x\nx", "x"),
        ("[12]", "[13]"),
        ("12345678 rows", "12345679 rows"),
        ("(1234567)", "(1234568)"),
        ("line 12, in f", "line 13, in f"),
        ("", "x"),
    ],
)
def test_what_means_something_is_a_difference(one, other):
    assert difference(answer(one), answer(other))


def test_exit_codes_count_and_of_two_that_ran_into_their_time_nothing_does():
    assert difference(answer("x"), answer("x", exit_code=1)) == "exit code 1 instead of 0"
    assert difference(answer("x", 124, True), answer("y", 124, True)) == ""
    assert difference(answer("x", 124, True), answer("x", 0)) == "exit code 0 instead of 124"


def test_a_difference_names_the_first_line_that_is_another_one():
    assert difference(answer("a\nb"), answer("a\nc")) == "the output has 'c' instead of 'b'"


def test_of_a_long_output_the_place_of_its_cut_may_move():
    head, tail = [f"head {n} ok" for n in range(100)], [f"tail {n} ok" for n in range(100)]
    one = "\n".join(head) + "\n[... 1234 bytes cut ...]\n" + "\n".join(tail)
    other = "\n".join(head[:-3]) + "\nhead 97 o\n[... 1250 bytes cut ...]\nil 4 ok\n" + "\n".join(tail[5:])
    assert difference(answer(one), answer(other)) == ""
    assert difference(answer(one), answer(one.replace("head 3 ok", "head 3 bad")))


def test_a_hostile_output_takes_no_time():
    for text in ("1" * 40_000, "0x" * 20_000, "=" * 30_000 + "-" * 30_000, "[1" * 20_000, "tmp" * 10_000):
        began = process_time()
        comparable(text)
        assert process_time() - began < 5  # of a processor: a backtracking pattern takes minutes
