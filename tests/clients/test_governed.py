"""Each MLflow client loads what was decided, and moves nothing that was not."""

from typing import Any

import pytest

from apps.approvals import operations as approvals
from apps.approvals.models import PromotionRequest
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.validation import runner
from tests import scenarios
from tests.api.caller import token_of
from tests.clients.serving import Client
from tests.factories import actor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_stages_and_champion_follow_decisions_alone(client: Client, newest_client: Client) -> None:
    token = token_of(scenarios.developer())
    scenarios.registered_model("iris")  # by its owner, before the first version comes
    registered = client.runs("governed", token, "register")
    assert registered["numbers"] == [1, 2, 3, 4, 5]
    newest_client.runs("governed", token, "measure")
    request = decide()

    said = client.runs("governed", token, "serve", OPERATOR_TOKEN=token_of(scenarios.operator()))

    predicted = registered["predicted"]
    assert predicted["1"] != predicted["2"]
    assert said["before"] == {
        "Production": predicted["1"],
        "champion": predicted["1"],
        "Staging": predicted["2"],
    }
    assert said["stages"] == {"None": [5], "Staging": [2], "Production": [1]}
    assert {code for code, _ in said["deleted"].values()} == {"PERMISSION_DENIED"}
    assert_refused(said["refused"], client.url, request)
    assert (said["moved"], said["champion"], said["replaced"]) == ("Staging", "2", "Archived")
    assert said["after"] == {
        "Production": predicted["2"],
        "champion": predicted["2"],
        "Staging": predicted["3"],
    }
    stages = ModelVersion.objects.order_by("number").values_list("stage", flat=True)
    assert list(stages) == [
        Stage.ARCHIVED,
        Stage.PRODUCTION,
        Stage.STAGING,
        Stage.DEVELOPMENT,
        Stage.DEVELOPMENT,
    ]


def decide() -> PromotionRequest:
    """Bring the first to production and the second and third before an open gate; ask for a fourth.

    Return the request that still waits for its sign-offs.
    """
    first, second, third, fourth, _ = ModelVersion.objects.order_by("number")
    for version in (first, second):
        carry_out(signed_off(version, Stage.STAGING))
    carry_out(signed_off(first, Stage.PRODUCTION))
    signed_off(second, Stage.PRODUCTION)
    signed_off(third, Stage.STAGING)
    return asked_for(fourth, Stage.STAGING)


def signed_off(version: ModelVersion, stage: Stage) -> PromotionRequest:
    request = asked_for(version, stage)
    for role, signer in scenarios.SIGNERS[stage].items():
        scenarios.sign(request, signer(), role)
    return request


def asked_for(version: ModelVersion, stage: Stage) -> PromotionRequest:
    """Ask for a promotion once the checks that wait are carried out."""
    version.refresh_from_db()
    for run in version.check_runs.filter(state="queued"):
        runner.execute(run.pk, worker="a worker of a test")
    return scenarios.requested(stage, version=version)


def carry_out(request: PromotionRequest) -> None:
    approvals.promote(request, by=actor(scenarios.operator()), reason="In the change window")


def assert_refused(refused: dict[str, Any], url: str, request: PromotionRequest) -> None:
    """Hold every refusal to its words, which say what is missing and where to go."""
    assert {code for code, _ in refused.values()} == {"PERMISSION_DENIED"}
    words = {
        "closed": ["A sign-off is missing", f"{url}/promotions/{request.pk}/"],
        "not asked for": ["was asked for", f"{url}/models/iris/"],
        "two at once": ["from Staging", f"{url}/models/iris/"],
        "archive": ["asked to archive", f"{url}/models/iris/versions/1/promote/?to=archived"],
        "back": ["No version goes from Production to None", f"{url}/models/iris/versions/1/"],
        "champion": ["from Staging", f"{url}/models/iris/"],
        "no champion": ["by promotion and rollback only"],
    }
    missing = {
        move: part
        for move, parts in words.items()
        for part in parts
        if part not in refused[move][1]
    }
    assert missing == {}
