"""Orders by KServe: what is written, what it cannot express, and what a cluster shows."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from apps.core import outbound
from apps.core.outbound import Answer
from apps.deployments.deployers.contract import CannotLook, Ending, Order, Outcome, Part, Seen
from apps.deployments.deployers.kserve import cluster as api
from apps.deployments.deployers.kserve import deployer as kserve
from apps.deployments.deployers.kserve.deployer import DEPLOYER
from tests.deployments.cluster import Cluster, Stored
from tests.deployments.twins import KServeTwin, kserve_twin

ONE, TWO, THREE = ("sha256:" + digit * 64 for digit in "123")
CHAMPION, CANARY = "champion", "canary"


@pytest.fixture
def twin(settings: Settings) -> Iterator[KServeTwin]:
    with kserve_twin(settings) as running:
        yield running


@pytest.fixture
def cluster(twin: KServeTwin) -> Cluster:
    return twin.cluster


def order(number: int, *parts: Part, service: str = "fraud", key: str = "") -> Order:
    return Order(key or f"rol_{number}", number, "production", service, parts)


def part(digest: str = ONE, share: int = 100, role: str = CHAMPION) -> Part:
    return Part("fraud/eu", int(digest[-1]), digest, role, share)


def sent(twin: KServeTwin, one: Order) -> Outcome:
    return DEPLOYER.carry_out(one, twin.target)


def settled(twin: KServeTwin, one: Order) -> Outcome:
    """Send an order, and let the controllers bring it about."""
    outcome = sent(twin, one)
    twin.cluster.settle()
    return outcome


def predictor(cluster: Cluster, *path: str) -> object:
    return cluster.services["fraud"].of("spec", "predictor", *path)


# -- what is written -------------------------------------------------------------------------------


def test_a_service_bears_its_order_and_is_written_in_serverless_mode(
    twin: KServeTwin, cluster: Cluster
) -> None:
    target = {**twin.target, "runtime": "mlserver", "service_account": "models"}

    outcome = DEPLOYER.carry_out(order(1, part()), target)

    assert outcome == Outcome(
        Ending.ACCEPTED, "The cluster took the order. What it shows confirms it."
    )
    uri = f"s3://models/{'1' * 64}"
    assert cluster.services["fraud"].annotations == {
        "serving.kserve.io/deploymentMode": "Serverless",
        "serving.kserve.io/stop": "false",
        "signet/rollout": "1",
        "signet/order": "rol_1",
        "signet/environment": "production",
        "signet/digest": ONE,
        "signet/version": "fraud/eu/1",
        "signet/storage": uri,
    }
    assert predictor(cluster, "model", "storageUri") == uri
    assert predictor(cluster, "model", "modelFormat", "name") == "mlflow"
    assert predictor(cluster, "model", "runtime") == "mlserver"
    assert predictor(cluster, "serviceAccountName") == "models"
    assert [one.method for one in twin.there.requests] == ["GET", "POST", "PATCH"]


def test_what_is_taken_out_of_the_settings_goes_with_the_next_order(
    twin: KServeTwin, cluster: Cluster
) -> None:
    DEPLOYER.carry_out(order(1, part()), {**twin.target, "runtime": "mlserver"})

    sent(twin, order(2, part(TWO)))

    assert predictor(cluster, "model", "runtime") is None
    assert predictor(cluster, "model", "storageUri") == f"s3://models/{'2' * 64}"


def test_a_service_runs_nothing_before_its_first_order_is_written(
    twin: KServeTwin, cluster: Cluster
) -> None:
    twin.cluster.slips = kserve.TRIES

    assert sent(twin, order(1, part())).ending is Ending.FAILED

    held = cluster.services["fraud"]
    assert held.annotations["signet/rollout"] == "0"
    assert held.annotations["serving.kserve.io/stop"] == "true"
    assert twin.running("fraud") == {}
    assert sent(twin, order(1, part())).ending is Ending.ACCEPTED
    assert twin.running("fraud") == {ONE: 100}


def test_a_storage_address_may_name_model_and_version(twin: KServeTwin, cluster: Cluster) -> None:
    target = {**twin.target, "storage": "pvc://models/{model}/v{version}"}

    DEPLOYER.carry_out(order(1, part()), target)

    assert predictor(cluster, "model", "storageUri") == "pvc://models/fraud%2Feu/v1"


def test_a_withdrawn_service_is_stopped_and_keeps_its_number(
    twin: KServeTwin, cluster: Cluster
) -> None:
    settled(twin, order(1, part()))

    settled(twin, order(2))

    annotations = cluster.services["fraud"].annotations
    assert annotations["serving.kserve.io/stop"] == "true"
    assert annotations["signet/rollout"] == "2"
    assert "signet/digest" not in annotations
    assert predictor(cluster, "model", "storageUri") == "https://nothing.invalid/"
    assert twin.running("fraud") == {}


# -- the fence -------------------------------------------------------------------------------------


def test_an_order_is_written_against_what_was_read_and_read_again_when_that_changed(
    twin: KServeTwin, cluster: Cluster
) -> None:
    settled(twin, order(1, part()))
    cluster.slips = kserve.TRIES - 1

    assert sent(twin, order(2, part(TWO))).ending is Ending.ACCEPTED

    assert cluster.numbers == [1, 2]


def test_an_older_order_that_read_before_a_newer_one_wrote_loses(
    twin: KServeTwin, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(twin, order(1, part()))
    read = api.Cluster.service

    def overtaken(there: api.Cluster, name: str) -> api.Service | None:
        found = read(there, name)
        monkeypatch.setattr(api.Cluster, "service", read)
        sent(twin, order(3, part(THREE)))
        return found

    monkeypatch.setattr(api.Cluster, "service", overtaken)

    outcome = sent(twin, order(2, part(TWO)))

    assert outcome.ending is Ending.REFUSED
    assert outcome.told == "Rollout 3 was carried out there, which is newer than this."
    assert cluster.numbers == [1, 3]


def test_of_two_that_make_the_same_service_one_goes_on_from_the_other(
    twin: KServeTwin, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = api.Cluster.create

    def overtaken(there: api.Cluster, manifest: object) -> api.Service:
        monkeypatch.setattr(api.Cluster, "create", create)
        sent(twin, order(2, part(TWO)))
        return create(there, manifest)  # type: ignore[arg-type]

    monkeypatch.setattr(api.Cluster, "create", overtaken)

    assert sent(twin, order(1, part())).ending is Ending.REFUSED
    assert cluster.numbers == [2]


def test_another_order_of_the_same_number_is_refused(twin: KServeTwin) -> None:
    sent(twin, order(1, part()))

    outcome = sent(twin, order(1, part(TWO), key="rol_99"))

    assert outcome == Outcome(Ending.REFUSED, "Another order was rollout 1 there.")


@pytest.mark.parametrize(
    "annotations",
    [{}, {"signet/rollout": "x", "signet/environment": "production"}, {"signet/rollout": "1"}],
    ids=["somebody else's", "no number", "another environment's"],
)
def test_a_service_of_somebody_else_is_left_alone(
    twin: KServeTwin, cluster: Cluster, annotations: dict[str, str]
) -> None:
    fields: dict[tuple[str, ...], object] = {("metadata", "name"): "fraud"}
    fields |= {("metadata", "annotations", name): value for name, value in annotations.items()}
    cluster.services["fraud"] = Stored(fields, {})

    outcome = sent(twin, order(2, part()))

    assert outcome.ending is Ending.REFUSED
    assert "is not one of this environment" in outcome.told
    assert cluster.numbers == []


# -- a canary --------------------------------------------------------------------------------------


def test_the_percent_goes_to_the_newest_whichever_part_that_is(
    twin: KServeTwin, cluster: Cluster
) -> None:
    settled(twin, order(1, part()))
    settled(twin, order(2, part(TWO, 30, "challenger"), part(share=70)))

    assert predictor(cluster, "canaryTrafficPercent") == 30
    assert twin.running("fraud") == {ONE: 70, TWO: 30}
    settled(twin, order(3, part()))
    assert predictor(cluster, "canaryTrafficPercent") is None
    assert twin.running("fraud") == {ONE: 100}


def test_a_part_without_a_share_is_made_ready_and_gets_nothing(twin: KServeTwin) -> None:
    settled(twin, order(1, part()))
    settled(twin, order(2, part(), part(TWO, 0, "challenger")))

    assert twin.running("fraud") == {ONE: 100, TWO: 0}


def test_a_canary_waits_until_what_it_stands_beside_is_rolled_out(twin: KServeTwin) -> None:
    canary = order(2, part(share=90), part(TWO, 10, CANARY))
    sent(twin, order(1, part()))

    assert sent(twin, canary) == Outcome(Ending.FAILED, kserve.NOT_THERE_YET)
    twin.cluster.settle()
    assert sent(twin, canary).ending is Ending.ACCEPTED
    assert twin.running("fraud") == {ONE: 90, TWO: 10}


def test_a_canary_beside_what_never_became_ready_gives_it_nothing(
    twin: KServeTwin, cluster: Cluster
) -> None:
    cluster.broken.add(f"s3://models/{'2' * 64}")
    settled(twin, order(1, part()))
    settled(twin, order(2, part(TWO)))

    assert twin.running("fraud") == {ONE: 100}
    outcome = sent(twin, order(3, part(TWO, 90), part(THREE, 10, CANARY)))
    assert outcome == Outcome(Ending.FAILED, kserve.NOT_THERE_YET)


def test_a_canary_beside_something_else_than_what_runs_is_refused(twin: KServeTwin) -> None:
    settled(twin, order(1, part()))

    outcome = sent(twin, order(2, part(TWO, 90), part(THREE, 10, CANARY)))

    assert outcome == Outcome(Ending.REFUSED, kserve.NEITHER)


def test_a_first_order_cannot_be_a_canary(twin: KServeTwin) -> None:
    outcome = sent(twin, order(1, part(share=90), part(TWO, 10, CANARY)))

    assert outcome == Outcome(Ending.REFUSED, kserve.NEITHER)


def test_a_revision_that_is_gone_is_none_to_stand_beside(
    twin: KServeTwin, cluster: Cluster
) -> None:
    settled(twin, order(1, part()))
    cluster.services["fraud"].revisions.clear()

    outcome = sent(twin, order(2, part(TWO, 90), part(THREE, 10, CANARY)))

    assert outcome.ending is Ending.REFUSED


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (order(1, part(), part(TWO, 0, "shadow")), "there are no shadows"),
        (order(1, part(share=40), part(TWO, 30), part(THREE, 30)), "two versions at most"),
        (order(1, part(share=40)), "100 percent"),
        (order(1, part(), service="3d"), "begin with a letter"),
        (order(1, part(), service="f" * 54), "at most 53"),
    ],
    ids=["a shadow", "three versions", "shares", "a digit first", "a long name"],
)
def test_what_kserve_cannot_express_is_refused_before_anything_is_asked(
    twin: KServeTwin, one: Order, said: str
) -> None:
    outcome = sent(twin, one)

    assert outcome.ending is Ending.REFUSED
    assert said in outcome.told
    assert twin.there.requests == []


# -- what a cluster answers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "ending", "told"),
    [
        (401, Ending.REFUSED, "status 401. The token may not do this, or is none."),
        (403, Ending.REFUSED, "status 403. The token may not do this, or is none."),
        (422, Ending.REFUSED, "status 422."),
        (429, Ending.FAILED, "status 429."),
        (500, Ending.FAILED, "status 500."),
    ],
)
def test_a_cluster_that_does_not_do_it_is_told_by_its_status_alone(
    twin: KServeTwin, cluster: Cluster, status: int, ending: Ending, told: str
) -> None:
    cluster.troubles.append(status)

    outcome = sent(twin, order(1, part()))

    assert (outcome.ending, outcome.told) == (ending, f"The cluster answered with {told}")


def test_a_namespace_that_is_not_there_says_so(twin: KServeTwin, cluster: Cluster) -> None:
    cluster.troubles += [404, 404]

    outcome = sent(twin, order(1, part()))

    assert outcome.ending is Ending.REFUSED
    assert "There is no such namespace, or no KServe." in outcome.told


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[" * 10_000, b'{"metadata": {}}'])
def test_an_answer_that_is_none_may_be_one_later(twin: KServeTwin, body: bytes) -> None:
    twin.there.script, twin.there.body = None, body

    outcome = sent(twin, order(1, part()))

    assert outcome == Outcome(Ending.FAILED, "What the cluster answered cannot be read.")


def test_settings_that_are_wrong_when_it_is_sent_send_nothing(twin: KServeTwin) -> None:
    target = {**twin.target, "secret": "other"}

    assert DEPLOYER.carry_out(order(1, part()), target).ending is Ending.REFUSED
    assert DEPLOYER.carry_out(order(1, part()), {}).ending is Ending.REFUSED
    assert twin.there.requests == []


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"api": "https://10.0.0.1:6443"}, "The address of the API: This address leads"),
        ({"secret": "other"}, "There is no secret named 'other'"),
        ({"namespace": "Models/../x"}, "A namespace is named by"),
        ({"format": "ml flow"}, "The format is a name"),
        ({"format": ""}, "The format is a name"),
        ({"runtime": "a/b"}, "The runtime is a name"),
        ({"service_account": "a b"}, "The service account"),
        ({"storage": "models/{digest}"}, "The storage is an address"),
        ({"storage": "s3://models/{digest}/{stage}"}, "The storage is an address"),
        ({"storage": "s3://models/" + "x" * 1000 + "{digest}"}, "The storage is an address"),
        ({"storage": "s3://models/{version}"}, "The storage needs {digest}, or {model} and"),
        ({"canary": 10}, "unknown field `canary`"),
    ],
)
def test_wrong_settings_are_told_in_sentences(
    twin: KServeTwin, changed: dict[str, object], said: str
) -> None:
    [sentence] = DEPLOYER.problems({**twin.target, **changed})

    assert said in sentence


# -- looking ---------------------------------------------------------------------------------------


def test_a_cluster_shows_which_version_each_revision_is(twin: KServeTwin) -> None:
    settled(twin, order(1, part()))
    settled(twin, order(2, part(share=90), part(TWO, 10, CANARY)))

    assert list(DEPLOYER.look("production", twin.target)) == [
        Seen("fraud", TWO, "fraud/eu/2", 10),
        Seen("fraud", ONE, "fraud/eu/1", 90),
    ]


def test_revisions_of_the_same_content_are_seen_as_one(twin: KServeTwin) -> None:
    settled(twin, order(1, part()))
    settled(twin, order(2, part(share=90), part(TWO, 10, CANARY)))
    settled(twin, order(3, part()))
    settled(twin, order(4, part(share=90), part(TWO, 10, CANARY)))

    seen = DEPLOYER.look("production", twin.target)

    assert {one.digest: one.share for one in seen} == {ONE: 90, TWO: 10}


def test_what_somebody_else_put_there_is_seen_by_where_it_came_from(
    twin: KServeTwin, cluster: Cluster
) -> None:
    fields: dict[tuple[str, ...], object] = {
        ("metadata", "name"): "wild",
        ("spec", "predictor", "model", "storageUri"): "gs://anybody/model",
    }
    cluster.services["wild"] = Stored(fields, {})
    cluster.settle()

    assert list(DEPLOYER.look("production", twin.target)) == [
        Seen("wild", "", "gs://anybody/model", 100)
    ]


def test_files_from_elsewhere_are_not_taken_for_what_was_ordered(
    twin: KServeTwin, cluster: Cluster
) -> None:
    settled(twin, order(1, part()))
    path = ("spec", "predictor", "model", "storageUri")
    cluster.services["fraud"].fields[path] = "s3://elsewhere/model"
    cluster.settle()

    assert twin.running("fraud") == {"": 100}
    [seen] = DEPLOYER.look("production", twin.target)
    assert seen.called == "s3://elsewhere/model"


@pytest.mark.parametrize("digest", ["sha256:1", ""])
def test_a_digest_that_is_none_is_not_told(twin: KServeTwin, cluster: Cluster, digest: str) -> None:
    settled(twin, order(1, part()))
    [revision] = cluster.services["fraud"].revisions.values()
    revision["metadata"]["annotations"]["signet/digest"] = digest

    [seen] = DEPLOYER.look("production", twin.target)

    assert seen.digest == ""


def test_a_revision_nobody_lists_is_seen_by_its_name(twin: KServeTwin, cluster: Cluster) -> None:
    settled(twin, order(1, part()))
    cluster.services["fraud"].revisions.clear()

    assert list(DEPLOYER.look("production", twin.target)) == [
        Seen("fraud", "", "fraud-predictor-00001", 100)
    ]


def test_long_lists_are_read_page_by_page(
    twin: KServeTwin, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        settled(twin, order(1, part(), service=name))
    cluster.page = 2

    assert [one.endpoint for one in DEPLOYER.look("production", twin.target)] == ["a", "b", "c"]
    monkeypatch.setattr(api, "MOST_PAGES", 1)
    with pytest.raises(CannotLook, match="holds more than 200 of these"):
        DEPLOYER.look("production", twin.target)


def test_a_cluster_that_does_not_answer_cannot_be_looked_at(
    twin: KServeTwin, cluster: Cluster
) -> None:
    cluster.troubles.append(503)

    with pytest.raises(CannotLook, match=r"^The cluster answered with status 503\.$"):
        DEPLOYER.look("production", twin.target)


def test_its_own_certificates_are_what_a_cluster_is_held_to(
    twin: KServeTwin, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[object] = []
    ask = outbound.ask
    settings.DEPLOYER_CA_FILE = "/etc/signet/cluster.pem"

    def asked(method: str, url: str, **how: Any) -> Answer:
        held.append(how["ca_file"])
        return ask(method, url, **how)

    monkeypatch.setattr(outbound, "ask", asked)

    sent(twin, order(1, part()))

    assert set(held) == {"/etc/signet/cluster.pem"}
