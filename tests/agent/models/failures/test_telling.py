"""What is told of tries that fail."""

from agent.models.failures.telling import Telling


def test_the_first_of_its_kind_is_told_at_once_and_then_now_and_then(caplog):
    now = [0.0]
    telling = Telling(clock=lambda: now[0])
    for second in range(301):
        now[0] = float(second)
        telling.failed("m at http://a", 1, 2.0, "overloaded")
    told = [record.message for record in caplog.records]
    assert [int(text.split("(")[1].split()[0]) if "(" in text else 0 for text in told] == [0, 14, 29, 59, 119]
    telling.failed("m at http://a", 1, 2.0, "another reason")
    assert "another reason" in caplog.records[-1].message


def test_what_has_not_failed_for_long_is_news_again(caplog):
    now = [0.0]
    telling = Telling(clock=lambda: now[0])
    telling.failed("", 1, 2.0, "overloaded")
    now[0] = 400.0
    telling.failed("", 3, 2.0, "overloaded")
    assert [record.message for record in caplog.records] == [
        "try 1 failed, next in 2.0 s: overloaded",
        "try 3 failed, next in 2.0 s: overloaded",
    ]
