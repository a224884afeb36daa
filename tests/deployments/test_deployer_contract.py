"""What every deployer is held to, each with a place that stands for the real one."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from apps.deployments.deployers.contract import Ending, Order, Part
from tests.deployments.twins import TWINS, Twin

TAKEN = {Ending.DONE, Ending.ACCEPTED}
ONE, TWO = ("sha256:" + digit * 64 for digit in "12")


@pytest.fixture(params=TWINS)
def twin(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Twin]:
    with TWINS[request.param](settings) as running:
        yield running


def order(number: int, *parts: Part, service: str = "fraud") -> Order:
    return Order(f"rol_{service}_{number}", number, "production", service, parts)


def part(digest: str = ONE, share: int = 100, role: str = "champion") -> Part:
    return Part("fraud", int(digest[-1]), digest, role, share)


def sent(twin: Twin, one: Order) -> Ending:
    return twin.deployer.carry_out(one, twin.target).ending


def test_an_order_is_brought_about(twin: Twin) -> None:
    outcome = twin.deployer.carry_out(order(1, part()), twin.target)

    assert outcome.ending in TAKEN
    assert outcome.told
    assert twin.running("fraud") == {ONE: 100}


def test_the_same_order_twice_is_done_once(twin: Twin) -> None:
    endings = [sent(twin, order(1, part())) for _ in range(3)]

    assert set(endings) <= TAKEN
    assert twin.numbers == [1]


def test_a_newer_order_takes_the_place_of_an_older_one(twin: Twin) -> None:
    sent(twin, order(1, part()))

    assert sent(twin, order(2, part(TWO))) in TAKEN
    assert twin.running("fraud") == {TWO: 100}


def test_an_older_order_loses_whenever_it_comes(twin: Twin) -> None:
    sent(twin, order(7, part(TWO)))

    assert sent(twin, order(6, part())) is Ending.REFUSED
    assert twin.running("fraud") == {TWO: 100}
    assert twin.numbers == [7]


def test_requests_are_split_and_shifted(twin: Twin) -> None:
    sent(twin, order(1, part()))
    assert twin.running("fraud") == {ONE: 100}

    for number, share in ((2, 10), (3, 50)):
        canary = order(number, part(share=100 - share), part(TWO, share, "canary"))
        assert sent(twin, canary) in TAKEN
        assert twin.running("fraud") == {ONE: 100 - share, TWO: share}
    assert sent(twin, order(4, part(TWO))) in TAKEN
    assert twin.running("fraud") == {TWO: 100}


def test_after_a_failure_the_same_order_succeeds(twin: Twin) -> None:
    twin.fail_before()

    assert sent(twin, order(1, part())) is Ending.FAILED
    assert sent(twin, order(1, part())) in TAKEN
    assert twin.numbers == [1]


def test_an_order_whose_answer_got_lost_is_not_done_again(twin: Twin) -> None:
    twin.lose_answer()

    assert sent(twin, order(1, part())) is Ending.FAILED
    assert sent(twin, order(1, part())) in TAKEN
    assert twin.numbers == [1]
    assert twin.running("fraud") == {ONE: 100}


def test_a_refusal_says_so_and_changes_nothing(twin: Twin) -> None:
    sent(twin, order(1, part()))
    twin.refuse()

    outcome = twin.deployer.carry_out(order(2, part(TWO)), twin.target)

    assert outcome.ending is Ending.REFUSED
    assert outcome.told
    assert twin.running("fraud") == {ONE: 100}


def test_what_is_withdrawn_runs_no_more_and_an_older_order_does_not_bring_it_back(
    twin: Twin,
) -> None:
    sent(twin, order(1, part()))

    assert sent(twin, order(3)) in TAKEN
    assert twin.running("fraud") == {}
    assert sent(twin, order(2, part())) is Ending.REFUSED
    assert twin.running("fraud") == {}
    assert sent(twin, order(4, part())) in TAKEN
    assert twin.running("fraud") == {ONE: 100}


def test_what_never_ran_can_be_withdrawn(twin: Twin) -> None:
    assert sent(twin, order(2)) in TAKEN
    assert sent(twin, order(1, part())) is Ending.REFUSED
    assert twin.running("fraud") == {}


def test_services_do_not_know_each_other(twin: Twin) -> None:
    sent(twin, order(5, part()))

    assert sent(twin, order(1, part(TWO), service="churn")) in TAKEN
    assert twin.running("churn") == {TWO: 100}
    assert twin.running("fraud") == {ONE: 100}


def test_it_tells_what_runs(twin: Twin) -> None:
    sent(twin, order(1, part()))
    twin.running("fraud")

    [seen] = twin.deployer.look("production", twin.target)

    assert (seen.endpoint, seen.digest, seen.share) == ("fraud", ONE, 100)


def test_good_settings_have_no_problems_and_others_have_sentences(twin: Twin) -> None:
    assert list(twin.deployer.problems(twin.target)) == []
    sentences = twin.deployer.problems({"nonsense": 1})
    assert sentences
    assert all(sentence.endswith(".") for sentence in sentences)
