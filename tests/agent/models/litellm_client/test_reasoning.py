"""How hard a model is told to think, and what is said where its vendor takes another word."""

from agent.models.contract import Message, Request
from agent.models.litellm_client.reasoning import thought
from agent.models.profiles import profile_for


def test_an_effort_that_is_sent_as_the_nearest_one_is_told():
    request = Request([Message(role="user", content="Go on.")])
    for wanted, sent, notes in (("max", "high", ("reasoning_effort max sent as high",)), ("low", "low", ())):
        asked = thought("o3", profile_for("o3", above={"reasoning_effort": wanted}), request, 9000)
        assert asked.spelled == {"reasoning_effort": {"reasoning_effort": sent}}
        assert asked.notes == notes
