"""litellm's compromised releases are refused before any of their code runs."""

import pytest

from agent.models import litellm_import
from agent.models.contract import ModelUnusable


@pytest.mark.parametrize("release", ["1.82.7", "1.82.8"])
def test_a_compromised_release_is_not_imported(release, monkeypatch):
    monkeypatch.setattr(litellm_import, "version", lambda name: release)
    with pytest.raises(ModelUnusable, match=f"litellm {release} is a compromised release"):
        litellm_import.litellm.__wrapped__()
