"""Which requests have their prompt read into every slot of the embedded server."""

import pytest

from agent.models.contract import Message, Request
from agent.models.local.prefix import worth_sharing

ASKED = Message(role="user", content="Mend it.")


def test_a_prompt_that_others_begin_with_too_is_shared():
    assert worth_sharing(Request((ASKED,)))


@pytest.mark.parametrize(
    "request_of_its_own",
    [
        Request((ASKED,), n=4),
        Request((ASKED,), raw=True),
        Request((ASKED,), tools=({"type": "function"},)),
        Request((ASKED, Message(role="assistant", content="```python"))),
    ],
)
def test_what_is_one_trajectory_s_own_pushes_nobody_out_of_a_slot(request_of_its_own):
    assert not worth_sharing(request_of_its_own)
