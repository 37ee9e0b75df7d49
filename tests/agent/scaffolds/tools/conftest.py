import pytest
from tools_driver import Driven


@pytest.fixture
def drive(shop, bench, tmp_path):
    return Driven(shop, bench, tmp_path)
