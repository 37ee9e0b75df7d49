import hashlib
import json

from agent.trajectory.request_key import RequestKeys


def plain(request):
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:16]


def test_the_key_of_a_growing_conversation_is_that_of_its_whole_json():
    keys, messages = RequestKeys(), []
    for number in range(5):
        messages.append({"role": "user", "content": f"é{number}"})
        for more in ({"temperature": 1, "grammar": None}, {}, {"a": 1}, {"a": 1, "z": [2]}):
            request = {"messages": list(messages), **more}
            assert keys.key(request) == plain(request)
    for changed in (messages[:2], [{"role": "user", "content": "other"}, *messages[1:]], []):
        assert keys.key({"messages": changed, "z": 1}) == plain({"messages": changed, "z": 1})
    assert keys.key({"command": "x"}) == plain({"command": "x"})


def test_a_conversation_that_grows_is_not_read_again():
    class Counted(dict):
        read = 0

        def items(self):
            Counted.read += 1
            return super().items()

    keys, messages = RequestKeys(), []
    for number in range(50):
        messages.append(Counted(role="user", content=str(number)))
        keys.key({"messages": list(messages)})
    assert Counted.read <= 50
