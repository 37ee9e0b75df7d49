import pytest

from agent.context.file_kinds import file_kind


@pytest.mark.parametrize(
    "path,kind",
    [
        ("django/db/models/query.py", "source"),
        ("src/_pytest/tools.py", "source"),
        ("pkg/core/docs.py", "source"),
        ("sympy/testing/runtests.py", "source"),
        ("docs/conf.py", "beside"),
        ("examples/plot/a.py", "beside"),
        ("asv_bench/benchmarks/io.py", "beside"),
        ("setup.py", "beside"),
        ("pkg/_vendor/six.py", "beside"),
        ("a/b/c/_vendor/six.py", "beside"),
        ("requests/packages/urllib3/util.py", "beside"),
        ("tests/test_a.py", "test"),
        ("build/lib/a.py", "cache"),
    ],
)
def test_what_a_file_is_by_its_path(path, kind):
    assert file_kind(path) == kind
