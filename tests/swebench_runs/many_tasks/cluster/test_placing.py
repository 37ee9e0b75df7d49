"""Which task goes to which node."""

from swebench_runs.many_tasks.cluster.placing import MOST_LOSSES, Placing


def placing(*tasks, **slots):
    made = Placing()
    for task in tasks:
        made.add(task, task[0])
    for node, count in slots.items():
        made.meet(node, count)
    return made


def handed_out(made):
    found = []
    while choice := made.next():
        found.append(choice)
    return found


def test_tasks_spread_over_nodes_and_no_node_takes_more_than_its_slots():
    made = placing("a1", "b1", "c1", "d1", n=2, m=1)
    given = handed_out(made)
    assert sorted(node for _, node in given) == ["m", "n", "n"]
    assert {node for _, node in given[:2]} == {"n", "m"}
    assert made.waiting == ["d1"]
    made.over("a1", "n")
    assert made.next() == ("d1", "n")


def test_a_node_gets_what_its_images_are_for_and_leaves_others_theirs():
    made = placing("a1", "b1", "c1")
    made.meet("n", 1, kinds=["b"])
    made.meet("m", 1)
    assert dict(handed_out(made)) == {"b1": "n", "a1": "m"}


def test_a_lost_nodes_tasks_come_first_and_go_to_others():
    made = placing("a1", "b1", "c1", n=2)
    handed_out(made)
    assert made.lost("n") == []
    assert made.waiting == ["a1", "b1", "c1"]
    assert made.next() is None
    made.meet("m", 1)
    assert made.next() == ("a1", "m")


def test_a_task_that_loses_node_after_node_is_given_up():
    made = placing("a1")
    for number in range(MOST_LOSSES):
        made.meet(f"n{number}", 1)
        assert made.next() == ("a1", f"n{number}")
        given_up = made.lost(f"n{number}")
    assert given_up == ["a1"]
    assert made.waiting == []


def test_a_task_that_failed_for_its_nodes_sake_has_another_next_and_the_same_where_there_is_none():
    made = placing("a1", n=1, m=1)
    task, first = made.next()
    made.failed(task, first)
    made.add("a1", "a")
    _, second = made.next()
    assert {first, second} == {"n", "m"}
    made.failed("a1", second)
    made.add("a1", "a")
    assert made.next() is not None


def test_what_a_node_holds_already_is_not_given_out_again():
    made = placing("a1", "b1")
    made.meet("n", 2, holding=["a1"])
    made.add("c1", "c")
    made.meet("m", 1, holding=["d1"])
    made.add("d1", "d")  # its node was met first
    assert handed_out(made) == [("b1", "n")]
    assert made.waiting == ["c1"]
