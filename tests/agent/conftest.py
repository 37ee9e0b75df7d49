import pytest
from model_endpoint import Endpoint


@pytest.fixture
def endpoint():
    with Endpoint() as server:
        yield server
        server.over.set()
        server.shutdown()
