"""What is seen held against what is to run: each state by example, and what always holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.deployments.drift import (
    CALM,
    GRACE,
    Authority,
    Drift,
    Spotted,
    State,
    Terms,
    Wanted,
    gravest,
    judge,
    judge_stray,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=9)
TERMS = Terms(NOW, timedelta(minutes=10), since=LONG_AGO)
SETTLING = replace(TERMS, is_under_way=True)


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def wanted(number: int, *, must_be_seen: bool = True) -> Wanted:
    return Wanted(number, digest(number), f"fraud v{number}", must_be_seen)


def seen(number: int, **told: object) -> Spotted:
    """Return a registered version that is seen now, by its digest."""
    known = Spotted(
        "fraud", digest(number), "", NOW, number, digest(number), name=f"fraud v{number}"
    )
    return replace(known, **told)  # type: ignore[arg-type]


def stranger(number: int = 99) -> Spotted:
    return Spotted("fraud", digest(number), "", NOW)


def judged(*spotted: Spotted, to_run: tuple[int, ...] = (3,), terms: Terms = TERMS) -> Drift:
    return judge([wanted(number) for number in to_run], spotted, terms)


# -- each state


def test_what_is_to_run_and_nothing_else_is_in_step() -> None:
    drift = judged(seen(3))

    assert (drift.state, drift.points) == (State.IN_STEP, [])
    assert (drift.seen, drift.expected) == (1, 1)
    assert drift.why == ("What is to run is seen, and nothing else is.",)
    assert drift.is_calm


def test_nothing_to_run_and_nothing_seen_is_in_step() -> None:
    assert judged(to_run=()).why == ("Nothing is to run here, and nothing is seen.",)


def test_the_same_content_as_another_version_is_what_is_to_run() -> None:
    assert judged(seen(4, digest=digest(3))).state == State.IN_STEP


def test_a_name_alone_tells_which_version_it_is() -> None:
    assert judged(seen(3, digest="", called="fraud/3")).state == State.IN_STEP
    assert judged(seen(2, digest="", called="fraud/2")).state == State.WRONG_VERSION


def test_something_registered_that_is_not_to_run_is_another_version() -> None:
    drift = judged(seen(3), seen(2))

    assert drift.state == State.WRONG_VERSION
    assert drift.why == ("fraud v2 is seen at fraud, and is not to run there.",)
    assert judged(seen(2), to_run=()).state == State.WRONG_VERSION


@pytest.mark.parametrize(
    ("spotted", "said"),
    [
        (stranger(), "has the digest sha256:0000…0063, which nobody registered."),
        (
            replace(stranger(), called="fraud/3"),
            "which nobody registered, and says it is “fraud/3”.",
        ),
        (
            replace(stranger(), digest="", called="fraud/9"),
            "says it is “fraud/9”, which is not registered.",
        ),
    ],
)
def test_what_nobody_registered_is_unknown(spotted: Spotted, said: str) -> None:
    drift = judged(seen(3), spotted)

    assert drift.state == State.UNKNOWN
    assert drift.why[0].endswith(said)


def test_what_may_not_run_is_unapproved_though_it_is_to_run() -> None:
    drift = judged(seen(3, authority=Authority.MISSING, why="It was revoked."))

    assert drift.state == State.UNAPPROVED
    assert drift.why == ("fraud v3 is seen at fraud. It was revoked.",)
    assert (drift.seen, drift.expected) == (1, 1)


def test_what_may_not_run_any_more_is_over() -> None:
    assert judged(seen(3, authority=Authority.OVER)).state == State.EXPIRED


def test_what_left_production_in_good_order_has_some_minutes() -> None:
    left = seen(3, authority=Authority.OVER, over_since=NOW - GRACE / 2)

    assert judged(left).state == State.UNCONFIRMED
    assert judged(replace(left, over_since=NOW - GRACE)).state == State.EXPIRED


def test_what_nobody_saw_in_time_is_not_seen() -> None:
    old = seen(3, last_seen_at=NOW - timedelta(minutes=11))

    drift = judged(old)

    assert (drift.state, drift.seen) == (State.NOT_SEEN, 0)
    assert drift.why[0].startswith("fraud v3 is to run here, and nobody saw it within 10")
    assert drift.points[0].as_of == NOW - timedelta(minutes=10)
    assert judged().state == State.NOT_SEEN


def test_where_nobody_has_to_look_nothing_is_missed_and_nothing_confirmed() -> None:
    terms = replace(TERMS, seen_within=None)
    old = seen(3, last_seen_at=LONG_AGO)

    assert judged(terms=terms).state == State.UNCONFIRMED
    assert judged(old, terms=terms).state == State.IN_STEP


def test_what_gets_no_requests_need_not_be_seen() -> None:
    spare = wanted(4, must_be_seen=False)

    assert judge([wanted(3), spare], [seen(3)], TERMS).state == State.IN_STEP
    assert judge([wanted(3), spare], [seen(3), seen(4)], TERMS).state == State.IN_STEP


# -- while something is on its way


@pytest.mark.parametrize(
    "terms", [SETTLING, replace(TERMS, since=NOW - GRACE + timedelta(seconds=1))]
)
def test_what_was_there_before_may_stay_while_a_rollout_settles(terms: Terms) -> None:
    drift = judged(seen(2), terms=terms)

    assert drift.state == State.UNCONFIRMED
    assert drift.is_settling
    assert len(drift.points) == 2
    assert judged(seen(2, authority=Authority.OVER), terms=terms).state == State.UNCONFIRMED


def test_what_is_grave_is_so_at_any_time() -> None:
    revoked = seen(2, authority=Authority.MISSING)

    assert judged(revoked, terms=SETTLING).state == State.UNAPPROVED
    assert judged(stranger(), terms=SETTLING).state == State.UNKNOWN
    assert judged(seen(3, authority=Authority.OVER), terms=SETTLING).state == State.EXPIRED


def test_it_has_as_long_to_be_seen_as_everything_else() -> None:
    terms = replace(TERMS, seen_within=timedelta(hours=2), since=NOW - timedelta(hours=1))

    assert not terms.is_settling
    assert judged(terms=terms).state == State.UNCONFIRMED
    assert judged(terms=replace(terms, since=NOW - timedelta(hours=2))).state == State.NOT_SEEN


# -- where no deployment is known


def test_a_stray_is_judged_by_what_it_is() -> None:
    assert judge_stray(stranger(), TERMS).state == State.UNKNOWN
    assert judge_stray(seen(3, authority=Authority.MISSING), TERMS).state == State.UNAPPROVED
    assert judge_stray(seen(3, authority=Authority.OVER), TERMS).state == State.EXPIRED
    lawful = judge_stray(seen(3), TERMS)
    assert (lawful.state, lawful.key) == (State.UNCONFIRMED, digest(3))
    assert "nothing says that it is to run here" in lawful.text


def test_what_is_seen_by_name_alone_has_a_key_of_its_own() -> None:
    named = Spotted("a", "", "x/1", NOW)

    assert named.key != replace(named, called="x/2").key
    assert replace(named, content=digest(1)).key == digest(1)


# -- what always holds

numbers = st.integers(1, 4)
spotted = st.builds(
    lambda number, is_known, authority, minutes, by_name, endpoint: Spotted(
        endpoint,
        "" if by_name else digest(number),
        f"fraud/{number}" if by_name else "",
        NOW - timedelta(minutes=minutes),
        number if is_known else None,
        digest(number) if is_known else "",
        f"fraud v{number}" if is_known else "",
        authority if is_known else Authority.HOLDS,
    ),
    numbers,
    st.booleans(),
    st.sampled_from(Authority),
    st.integers(0, 20),
    st.booleans(),
    st.sampled_from(["a", "b"]),
)
to_run = st.lists(st.builds(wanted, numbers), unique_by=lambda one: one.version_id, max_size=3)
terms = st.builds(
    Terms,
    st.just(NOW),
    st.sampled_from([None, timedelta(minutes=10)]),
    st.booleans(),
    st.sampled_from([None, NOW, LONG_AGO]),
)


@given(to_run, st.lists(spotted, max_size=4), terms)
def test_the_state_is_the_gravest_of_what_is_said(
    to_run: list[Wanted], spotted: list[Spotted], terms: Terms
) -> None:
    drift = judge(to_run, spotted, terms)

    assert drift.state == gravest(point.state for point in drift.points)
    assert [State(point.state) for point in drift.points] == sorted(
        (point.state for point in drift.points), key=list(State).index
    )
    assert drift.why
    assert all(sentence.endswith(".") for sentence in drift.why)
    assert 0 <= drift.seen <= drift.expected == len(to_run)


@given(to_run, st.lists(spotted, max_size=3), terms)
def test_the_order_in_which_things_are_told_changes_nothing(
    to_run: list[Wanted], spotted: list[Spotted], terms: Terms
) -> None:
    whole = judge(to_run, spotted, terms)

    for told in permutations(spotted):
        other = judge(to_run[::-1], told, terms)
        assert (other.state, other.seen) == (whole.state, whole.seen)
        assert set(other.why) == set(whole.why)


@given(to_run, st.lists(spotted, max_size=4), terms)
def test_each_state_means_what_it_says(
    to_run: list[Wanted], spotted: list[Spotted], terms: Terms
) -> None:
    """Say of each state, in other words than the code, when it is there."""
    live = [
        one
        for one in spotted
        if terms.seen_within is None or NOW - one.last_seen_at <= terms.seen_within
    ]
    wanted_ids = {one.version_id for one in to_run}
    by_digest = {one.digest for one in to_run}
    foreign = [one for one in live if one.version_id is None and one.digest not in by_digest]
    stray = [one for one in live if one.version_id and one.version_id not in wanted_ids]
    found = {point.state for point in judge(to_run, spotted, terms).points}

    assert (State.UNKNOWN in found) == bool(foreign)
    assert (State.UNAPPROVED in found) == any(one.authority is Authority.MISSING for one in live)
    held = [one for one in stray if one.authority is Authority.HOLDS]
    assert (State.WRONG_VERSION in found) == (bool(held) and not terms.is_settling)
    if State.NOT_SEEN in found:
        assert terms.seen_within is not None
        assert not terms.is_settling
    seen = {one.version_id for one in live} | {
        number for number in wanted_ids if digest(number) in {one.digest for one in live}
    }
    is_whole = wanted_ids <= seen
    is_clean = not foreign and not stray
    is_lawful = all(one.authority is Authority.HOLDS for one in live)
    assert (not found) == (is_whole and is_clean and is_lawful)


@given(to_run, st.lists(spotted, max_size=4), terms, spotted)
def test_something_more_that_is_not_to_run_makes_nothing_better(
    to_run: list[Wanted], spotted: list[Spotted], terms: Terms, more: Spotted
) -> None:
    states = list(State)
    before = judge(to_run, spotted, terms)
    after = judge(to_run, [*spotted, more], terms)

    if not any(more.version_id == one.version_id or more.digest == one.digest for one in to_run):
        assert states.index(after.state) <= states.index(before.state)
    assert after.seen >= before.seen


@given(to_run, st.lists(spotted, max_size=4), terms)
def test_a_rollout_under_way_forgives_and_never_accuses(
    to_run: list[Wanted], spotted: list[Spotted], terms: Terms
) -> None:
    settling = judge(to_run, spotted, replace(terms, is_under_way=True))
    settled = judge(to_run, spotted, replace(terms, is_under_way=False, since=LONG_AGO))

    accused = {(one.state, one.key) for one in settling.points if one.state not in CALM}
    assert accused <= {(one.state, one.key) for one in settled.points}
    assert {state for state, _ in accused}.isdisjoint({State.WRONG_VERSION, State.NOT_SEEN})
