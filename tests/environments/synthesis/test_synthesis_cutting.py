import pytest

from environments.synthesis import cutting
from environments.synthesis.cutting import CutError, TestFunction, cut

SOURCE = b"""import pytest

@pytest.mark.parametrize("x", [1, 2])
@pytest.mark.filterwarnings("error")
def test_params(x):
    assert x

class Base:
    def test_inherited(self):
        assert True

class TestIt(Base):
    class Inner:
        async def test_deep(self): assert 1

    def test_other(self):
        pass

if True:
    def test_conditional():
        assert 1  # \xc3\xa9
"""


@pytest.mark.parametrize(
    "test, symbol",
    [
        ("t.py::test_params[a::b-1]", "test_params"),
        ("t.py::TestIt::test_inherited", "Base.test_inherited"),
        ("t.py::TestIt::Inner::test_deep", "TestIt.Inner.test_deep"),
        ("t.py::test_conditional", "test_conditional"),
    ],
)
def test_a_test_id_leads_to_the_whole_function(test, symbol):
    assert cutting.test_functions([test], {"t.py": SOURCE}) == [TestFunction("t.py", symbol)]


@pytest.mark.parametrize(
    "test, reason",
    [
        ("t.py", "cannot be imported"),
        ("t.py::test_made_elsewhere", "not a function"),
        ("t.py::TestElsewhere::test_x", "class is not written"),
        ("README.md::README.md", "not in a Python file"),
    ],
)
def test_what_is_no_function_of_the_module_cannot_be_cut(test, reason):
    with pytest.raises(CutError, match=reason):
        cutting.test_functions([test], {"t.py": SOURCE})


def test_cutting_takes_decorators_along_and_leaves_the_rest_byte_for_byte():
    left = cut(SOURCE, ["test_params", "TestIt.test_other"])
    assert left == SOURCE.replace(SOURCE[SOURCE.index(b"@pytest") : SOURCE.index(b"\nclass Base")], b"").replace(
        b"    def test_other(self):\n        pass\n", b""
    )


def test_a_block_that_would_be_empty_gets_pass():
    left = cut(SOURCE, ["Base.test_inherited", "TestIt.Inner.test_deep", "test_conditional"])
    assert b"class Base:\n    pass\n" in left
    assert b"class Inner:\n        pass\n" in left
    assert left.endswith(b"if True:\n    pass\n")
