"""Which replica a trajectory belongs to."""

from collections import Counter

from agent.models.endpoints.rendezvous import Homes, order

PLACES = [f"http://10.0.0.{number}:8000/v1" for number in range(8)]


def test_a_key_keeps_its_home_and_a_place_that_goes_moves_no_other_key():
    keys = [f"task/edit-{number}" for number in range(200)]
    before = {key: order(key, PLACES)[0] for key in keys}
    after = {key: order(key, PLACES[1:])[0] for key in keys}
    assert all(after[key] == before[key] for key in keys if before[key] != PLACES[0])
    homes = Homes(PLACES)
    first = [homes.order(key)[0] for key in keys]
    assert [homes.order(key)[0] for key in keys] == first


def test_keys_are_spread_evenly():
    homes = Homes(PLACES)
    share = Counter(homes.order(f"task/edit-{number}")[0] for number in range(200))
    assert len(share) == 8
    assert max(share.values()) <= 1.25 * 201 / 8 + 1
    assert min(share.values()) >= 15
    few = Homes(PLACES)
    assert max(Counter(few.order(f"task/edit-{number}")[0] for number in range(24)).values()) <= 4


def test_calls_of_nobody_go_round():
    homes = Homes(PLACES[:3])
    assert Counter(homes.order("")[0] for _ in range(9)) == dict.fromkeys(PLACES[:3], 3)


def test_the_place_of_a_vendor_without_an_address_is_a_home_too():
    homes = Homes([""])
    assert [homes.order("edit-0") for _ in range(9)] == [[""]] * 9
