"""What the issue's code does on the base and on candidates, in the sandbox: values, exceptions, output."""

from environments.workbench.outcome import Execution, Outcome
from verifiers.ballot import BASE, Candidate
from verifiers.behaviour import happened, observed, probe_of, says_something


def probe(code, goes_on=False):
    made = probe_of(code, "probe:0", goes_on=goes_on)
    assert made is not None
    return made


def test_what_candidates_do_is_compared_and_not_what_differs_from_run_to_run(make_bench, patch_f):
    right, alike, other = (
        Candidate(id=name, patch=patch_f(body))
        for name, body in (("r", "return x + 1"), ("a", "return 1 + x"), ("o", "raise KeyError(x)"))
    )
    values = probe("from pkg import f\nf(1)\nprint(f(2))")
    raised = probe("from pkg import f\ntry:\n    f(1)\nfinally:\n    pass")
    address = probe("from pkg import f\nf(1)\nobject()")
    chance = probe("import os\nfrom pkg import f\nf(os.urandom(8))\nprint(os.urandom(8))", goes_on=True)
    broken = probe("from pkg import f\nf(1)\nhelper(f)")
    with make_bench() as bench:
        seen = observed(bench, [values, raised, address, chance, broken], [right, alike, other])
        shown = {tree: happened(bench.run(values, patch)) for tree, patch in ((BASE, None), ("o", other.patch))}
    assert list(seen) == [values.id, raised.id, address.id]
    assert seen[values.id]["r"] == seen[values.id]["a"] != seen[values.id][BASE]
    assert seen[address.id]["r"] == seen[address.id]["a"] != seen[address.id][BASE]
    assert seen[raised.id]["r"] == seen[raised.id][BASE] != seen[raised.id]["o"]
    assert "value: " in shown[BASE]
    assert shown["o"].endswith("raises: KeyError\n")


def test_a_session_goes_on_after_an_exception_and_a_script_does_not(make_bench):
    code = "1 / 0\nprint('after')"
    with make_bench() as bench:
        script, session = (happened(bench.run(probe(code, goes_on))) for goes_on in (False, True))
    assert script.endswith("raises: ZeroDivisionError\n")
    assert session.endswith("raises: ZeroDivisionError\nafter\n")


def test_what_is_no_python_or_calls_nothing_is_no_probe():
    assert probe_of("pip install it", "probe:0", goes_on=False) is None
    assert probe_of("import pkg\nx = 1", "probe:0", goes_on=False) is None
    assert probe_of("return f(1)", "probe:0", goes_on=False) is None


def execution(output, outcome=Outcome.PASS):
    return Execution(outcome=outcome, exit_code=0, output=output, seconds=1.0)


def test_what_hangs_or_lacks_a_name_or_a_module_on_the_base_says_nothing():
    def says(output, outcome=Outcome.PASS):
        return says_something(execution(output, outcome), execution(output, outcome))

    assert says("value: 1\n")
    assert says("raises: KeyError\n")
    assert says("raises: NameError\nvalue: 1\n")  # a session that goes on
    assert says("timeout\nvalue: 1\n")  # printed by code that does not hang
    assert not says("value: 1\n", Outcome.TIMEOUT)
    assert not says_something(execution("1\n"), execution("1\n", Outcome.TIMEOUT))
    assert not says("value: 1\nraises: NameError\n")
    assert not says("raises: ModuleNotFoundError\n")
    assert not says_something(execution("1"), execution("2"))


def test_a_run_that_hangs_shows_only_that_and_lines_of_files_count_for_nothing():
    def run(output, outcome=Outcome.PASS):
        return happened(execution(output, outcome))

    assert run("half", Outcome.TIMEOUT) == run("more", Outcome.TIMEOUT)
    assert run("pkg/a.py:12: UserWarning: odd") == run("pkg/a.py:13: UserWarning: odd") != run("pkg/a.py:13: other")
