"""What every answer carries."""

from uuid import UUID

import pytest
from django.test import Client

from apps.core.middleware import UNUSED_FEATURES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.pages")]


def test_each_request_has_an_id_its_actor_and_answer_share(client: Client) -> None:
    one, other = client.get("/for-all/"), client.get("/for-all/")

    assert one.headers["X-Request-Id"] == one.json()["request"]
    assert UUID(one.headers["X-Request-Id"]).version == 7
    assert one.headers["X-Request-Id"] != other.headers["X-Request-Id"]


def test_an_id_from_outside_is_not_taken_over(client: Client) -> None:
    answer = client.get("/for-all/", headers={"X-Request-Id": "planted"})

    assert answer.headers["X-Request-Id"] != "planted"


@pytest.mark.parametrize("address", ["/for-all/", "/no-page/", "/for-people/"])
def test_no_cache_keeps_an_answer_and_no_other_site_embeds_it(client: Client, address: str) -> None:
    """D2."""
    headers = client.get(address).headers

    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    for feature in UNUSED_FEATURES:
        assert f"{feature}=()" in headers["Permissions-Policy"]


def test_a_view_may_be_more_exact(client: Client) -> None:
    headers = client.get("/kept-short/").headers

    assert headers["Cache-Control"] == "max-age=5"
    assert headers["Permissions-Policy"] == "usb=()"
