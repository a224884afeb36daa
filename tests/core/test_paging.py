"""Pages by key: nothing shown twice or left out, and marks that open only their own list."""

import pytest
from django.core import signing
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Team, User
from apps.core.paging import BadMark, Order, Page
from tests.factories import person, team

pytestmark = pytest.mark.django_db

NEWEST = Order(("created_at", "id"))


@pytest.fixture
def seven() -> list[Team]:
    made = [team(f"Team {number}") for number in range(7)]
    return list(reversed(made))


def first() -> Page[Team]:
    return NEWEST.page(Team.objects.all(), size=3)


def follow(mark: str, *, size: int = 3) -> Page[Team]:
    return NEWEST.page(Team.objects.all(), size=size, mark=mark)


def test_pages_follow_each_other_without_gap_or_repetition(seven: list[Team]) -> None:
    one = first()
    two = follow(one.older)
    three = follow(two.older)

    assert [*one.rows, *two.rows, *three.rows] == seven
    assert (one.newer, three.older) == ("", "")


def test_the_way_back_shows_the_same_pages(seven: list[Team]) -> None:
    three = follow(follow(first().older).older)
    two = follow(three.newer)
    one = follow(two.newer)

    assert [*one.rows, *two.rows, *three.rows] == seven
    assert one.newer == ""
    assert one.older


def test_what_is_added_meanwhile_moves_no_page(seven: list[Team]) -> None:
    one = first()
    team("Latecomer")

    assert follow(one.older).rows == seven[3:6]


def test_a_page_beyond_the_end_is_empty(seven: list[Team]) -> None:
    last = follow(follow(first().older).older)
    mark = NEWEST._sealed(last.rows[-1], NEWEST._binding(""), to_newer=False)

    assert follow(mark) == Page([])


def test_a_page_is_one_query_whatever_size_is_asked_for(
    seven: list[Team], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        page = NEWEST.page(Team.objects.all(), size=10**6)
    assert page.rows == seven


def test_a_later_column_decides_where_the_first_is_equal() -> None:
    for name in ("Ada", "Bea"):
        person(name.lower(), name="Same Name")
    person("first", name="Zoe")
    by_name = Order(("display_name", "id"))
    shown, mark = [], ""
    for _ in range(3):
        page = by_name.page(User.objects.all(), size=1, mark=mark)
        shown += [found.username for found in page.rows]
        mark = page.older

    assert shown == ["first", "bea", "ada"]


def test_a_list_may_begin_with_the_least(seven: list[Team]) -> None:
    oldest = Order(("created_at", "id"), least_first=True)
    one = oldest.page(Team.objects.all(), size=4)
    two = oldest.page(Team.objects.all(), size=4, mark=one.older)

    assert [*one.rows, *two.rows] == list(reversed(seven))
    assert oldest.page(Team.objects.all(), size=4, mark=two.newer).rows == one.rows
    with pytest.raises(BadMark):
        NEWEST.page(Team.objects.all(), size=4, mark=one.older)


@pytest.mark.parametrize(
    "mark",
    ["x", "a:b:c", signing.dumps(["other", False, [1, 2]], salt="apps.core.paging"), "é" * 50],
    ids=["one letter", "no signature", "of another list", "no ASCII"],
)
def test_f4_a_mark_that_was_changed_is_refused(seven: list[Team], mark: str) -> None:
    with pytest.raises(BadMark):
        follow(mark)


def test_f4_a_mark_of_another_list_order_or_person_is_refused(seven: list[Team]) -> None:
    teams = Team.objects.all()
    mark = NEWEST.page(teams, size=3, bound_to="usr_1").older

    assert NEWEST.page(teams, size=3, mark=mark, bound_to="usr_1").rows == seven[3:6]
    with pytest.raises(BadMark, match="another list"):
        NEWEST.page(teams, size=3, mark=mark, bound_to="usr_2")
    with pytest.raises(BadMark):
        Order(("id",)).page(teams, size=3, mark=mark, bound_to="usr_1")
