"""Pages of evidence packs: ordered, listed, followed, taken away, made again."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.approvals.models import EvidencePack, PackWork
from apps.approvals.operations import packs as operations
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.approvals.packs import shown
from tests.approvals.packs.packed import ordered
from tests.factories import actor, signed_in

pytestmark = pytest.mark.django_db

LIST, ORDER = "/audit/packs/", "/audit/packs/order/"
PURPOSE = "Supervisor's exam of May"


def page(client: Client, url: str, status: int = HTTPStatus.OK) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def sent(client: Client, url: str, **values: object) -> str:
    """Send a form and return the page it leads to, or is shown again on."""
    answer = client.post(url, values, follow=True)
    return answer.content.decode()


def order_url(*, of: str, args: Sequence[object]) -> str:
    return reverse(f"approvals:order_{of}_pack", args=args)


# -- ordering


def test_a_pack_is_ordered_from_the_pages_of_a_model_a_version_and_a_promotion(
    client: Client,
) -> None:
    request = scenarios.requested(to=Stage.STAGING)
    version, model = request.version, request.version.model
    reader = signed_in(client, scenarios.auditor())
    ways: dict[str, tuple[Any, list[Any]]] = {
        "model": (model, [model.name]),
        "version": (version, [model.name, version.number]),
        "request": (request, [request.pk]),
    }
    for of, (subject, args) in ways.items():
        url = order_url(of=of, args=args)
        assert f'href="{url}"' in page(reader, subject.get_absolute_url())
        order = page(reader, url)
        for words in ("What is inside", "the exact words each", "What is not", "verify_audit.py"):
            assert words in order
        assert "A worker makes it" in sent(reader, url, purpose=PURPOSE)
    kinds = EvidencePack.objects.order_by("pk").values_list("kind", "purpose")
    assert list(kinds) == [(kind, PURPOSE) for kind in ("model", "version", "promotion")]

    refused = reader.post(order_url(of="model", args=[model.name]), {"purpose": PURPOSE})
    assert refused.status_code == 422
    assert "packs of yours are waiting" in refused.content.decode()
    assert "Supervisor&#x27;s exam of May" in refused.content.decode()


def test_a_pack_says_what_it_is_for(client: Client) -> None:
    model = scenarios.registered_model()
    url = order_url(of="model", args=[model.name])

    answer = signed_in(client, scenarios.auditor()).post(url, {"purpose": " "})

    assert answer.status_code == 422
    assert "Say what it is for." in answer.content.decode()
    assert not EvidencePack.objects.exists()


def test_a_pack_of_several_models_is_chosen_as_the_portfolio_is(client: Client) -> None:
    staged = scenarios.requested(to=Stage.STAGING).version.model
    other, third = scenarios.registered_model("other"), scenarios.registered_model("third")
    reader = signed_in(client, scenarios.auditor())
    rows = page(reader, "/risk/portfolio/models/?stage=none")

    assert f"{ORDER}?stage=none" in rows
    choosing = page(reader, f"{ORDER}?stage=none")
    assert "2 models · Stage: No version" in choosing
    assert staged.name not in choosing.partition("<main")[2]
    page(reader, f"{ORDER}?stage=nonsense", HTTPStatus.NOT_FOUND)

    for models in ([], [staged.name], ["absent"]):
        answer = reader.post(f"{ORDER}?stage=none", {"models": models, "purpose": PURPOSE})
        assert answer.status_code == 422, models
    ordered_page = sent(
        reader, f"{ORDER}?stage=none", models=[other.name, third.name], purpose=PURPOSE
    )
    assert "other, third" in ordered_page
    assert EvidencePack.objects.get().model_ids == sorted([other.pk, third.pk])


def test_who_sees_no_model_has_none_to_choose_and_orders_none(client: Client) -> None:
    request = scenarios.requested(to=Stage.STAGING)
    model = request.version.model
    stranger = signed_in(client, scenarios.stranger())

    assert "No model to choose from" in page(stranger, ORDER)
    ways: dict[str, list[Any]] = {
        "model": [model.name],
        "version": [model.name, 1],
        "request": [request.pk],
    }
    for of, args in ways.items():
        page(stranger, order_url(of=of, args=args), HTTPStatus.NOT_FOUND)
        answer = stranger.post(order_url(of=of, args=args), {"purpose": PURPOSE})
        assert answer.status_code == HTTPStatus.NOT_FOUND
    assert stranger.post(ORDER, {"models": [model.name], "purpose": PURPOSE}).status_code == 422
    assert not EvidencePack.objects.exists()


# -- one pack


def test_a_page_follows_a_pack_until_it_is_made(client: Client) -> None:
    pack = ordered(scenarios.registered_model())
    reader = signed_in(client, scenarios.auditor())
    part = reverse("approvals:pack_part", args=[pack.pk])

    waiting = page(reader, pack.get_absolute_url())
    assert "Waits for a worker" in waiting
    assert f'hx-get="{part}" hx-trigger="every 2s"' in waiting
    assert "<noscript>" in waiting
    PackWork.objects.filter(pack=pack).update(beat_at=pack.ordered_at, done=3, total=8)
    assert "Being made" in page(reader, part)
    assert '<progress max="8" value="3"' in page(reader, part)

    shown.ready(pack)
    made = page(reader, part)
    assert "hx-get" not in made
    for words in (
        "Download",
        "Digest of the file",
        "File kept until",
        f"python3 verify_audit.py pack evidence-{pack.record_id}.zip --key KEY",
        "a key that came with what it signs proves nothing",
        "3, could not check",
    ):
        assert words in made


def test_the_file_goes_out_as_bytes_no_browser_opens_and_is_recorded(client: Client) -> None:
    pack = shown.ready(ordered(scenarios.registered_model()))
    reader = signed_in(client, scenarios.auditor())
    url = reverse("approvals:pack_file", args=[pack.pk])

    answer = reader.get(url)

    assert b"".join(answer) == shown.CONTENT
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert f'filename="{pack.file_name}"' in answer.headers["Content-Disposition"]
    assert AuditEvent.objects.filter(action="pack.download", outcome="done").count() == 1

    shown.failed(other := ordered(scenarios.registered_model()))
    answer = reader.get(reverse("approvals:pack_file", args=[other.pk]), follow=True)
    assert "There is no file" in answer.content.decode()


def test_a_pack_that_failed_says_why_and_is_made_again(client: Client) -> None:
    pack = shown.failed(ordered(scenarios.registered_model()), "<b>The store is full.</b>")
    reader = signed_in(client, scenarios.auditor())
    again = reverse("approvals:repeat_pack", args=[pack.pk])
    assert "&lt;b&gt;The store is full." in page(reader, pack.get_absolute_url())

    assert "The pack is made again." in sent(reader, again)

    pack.refresh_from_db()
    assert pack.state == EvidencePack.State.WAITING
    refused = reader.post(again)
    assert refused.status_code == 422
    assert "It is not made again." in refused.content.decode()


def test_a_pack_whose_time_is_over_keeps_its_digest(client: Client) -> None:
    pack = shown.cleared(ordered(scenarios.registered_model()))
    reader = signed_in(client, scenarios.auditor())

    over = page(reader, pack.get_absolute_url())

    assert "Its time is over." in over
    assert "Download" not in over
    assert pack.digest[-4:] in over


def test_a_pack_of_a_model_the_reader_may_not_see_is_not_there(client: Client) -> None:
    pack = shown.ready(ordered(scenarios.registered_model()))
    stranger = signed_in(client, scenarios.stranger())

    for name in ("pack", "pack_part", "pack_file"):
        page(stranger, reverse(f"approvals:{name}", args=[pack.pk]), HTTPStatus.NOT_FOUND)
    again = stranger.post(reverse("approvals:repeat_pack", args=[pack.pk]))
    assert again.status_code == HTTPStatus.NOT_FOUND
    assert pack.record_id not in page(stranger, LIST)


# -- the list


def test_the_list_says_first_how_a_pack_comes_about(client: Client) -> None:
    assert "No evidence pack was ordered" in page(signed_in(client, scenarios.auditor()), LIST)


def test_the_list_shows_ones_own_and_to_auditors_those_of_everybody(client: Client) -> None:
    model = scenarios.registered_model()
    own = ordered(model, by=actor(scenarios.owner()))
    of_auditor = ordered(model)

    assert own.record_id in page(signed_in(client, scenarios.auditor()), LIST)
    mine = page(client, f"{LIST}?whose=mine")
    assert (own.record_id in mine, of_auditor.record_id in mine) == (False, True)
    theirs = page(signed_in(client, scenarios.owner()), f"{LIST}?whose=all")
    assert (own.record_id in theirs, of_auditor.record_id in theirs) == (True, False)
    assert 'href="/audit/packs/"' in page(client, "/audit/")


def test_the_list_costs_the_same_for_two_packs_and_for_twenty(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(operations, "MOST_WAITING", 50)
    model = scenarios.registered_model()
    reader = signed_in(client, scenarios.auditor())
    for _ in range(2):
        ordered(model)
    page(reader, LIST)
    with django_assert_max_num_queries(20) as few:
        page(reader, LIST)
    for _ in range(18):
        ordered(model)

    with django_assert_num_queries(len(few)):
        assert page(reader, LIST).count("Waits for a worker") == 20


def test_choosing_costs_the_same_for_two_models_and_for_twenty(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    reader = signed_in(client, scenarios.auditor())
    for _ in range(2):
        scenarios.registered_model()
    page(reader, ORDER)
    with django_assert_max_num_queries(20) as few:
        page(reader, ORDER)
    for _ in range(18):
        scenarios.registered_model()

    with django_assert_num_queries(len(few)):
        assert page(reader, ORDER).count('name="models"') == 20
