"""Whatever a message is made of, it can be sent."""

import json

from agent.models.contract import Message


def test_a_message_holds_nothing_that_a_wire_cannot_take():
    call = {"id": "1", "function": {"name": "edit", "arguments": '{"text": "\udce9\ud800"}'}}
    message = Message(role="assistant", content="half \ud83d, \0, J\udcf6rg", tool_calls=(call,))
    assert message.content == "half \ufffd, \ufffd, Jörg"
    assert message.tool_calls[0]["function"]["arguments"] == '{"text": "é\ufffd"}'
    json.dumps(message.model_dump(), ensure_ascii=False).encode()
