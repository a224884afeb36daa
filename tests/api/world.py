"""A world with one of everything the API can name, and what each call of it takes.

The calls come from the description of the API; one without a row here fails the tests.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet

from apps.api.v1.api import api
from apps.approvals import operations as approvals
from apps.approvals.models import (
    EvidencePack,
    PolicyVersion,
    PromotionRequest,
    SignOff,
    SignOffCondition,
    Waiver,
)
from apps.approvals.operations import packs
from apps.approvals.serving import operations as serving
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Asset, LineageEdge, ModelVersion, ThirdParty, Upload, UseCase
from apps.core.clock import database_now
from apps.deployments import operations as deployments
from apps.deployments.deployers.contract import Seen
from apps.deployments.models import Rollout
from apps.deployments.rolling import Asked
from apps.risk.models import AnswerEvidence, Assessment
from apps.risk.operations.attachments import attach_evidence
from apps.validation import operations as validation
from apps.validation.models import Attestation, Breach, CheckRun, Document, EvidenceItem
from tests import scenarios
from tests.api.caller import ROOT
from tests.api.judged import ADDRESSES, Judgment
from tests.approvals import exceptions
from tests.approvals.packs import shown
from tests.approvals.walk import overwrite
from tests.audit.sealing.sealed import seal_all
from tests.factories import actor, person
from tests.remembered import remembered
from tests.risk import assessed
from tests.risk.questionnaire_texts import SMALL

NAME = "matrix"
EXTERNAL = "load-test"
SCHEMA: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
"""The description of the API as a program reads it."""


ON_A_MODEL = ("/models/{", "/promotions/{", "/waivers/{", "/deployments/{", *ADDRESSES)
"""How addresses begin that name a model, or something of one."""


@dataclass(frozen=True)
class Route:
    """One method at one address of the API."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def described(self) -> dict[str, Any]:
        found: dict[str, Any] = SCHEMA["paths"][f"{ROOT}{self.path}"][self.method.lower()]
        return found

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @property
    def is_on_a_model(self) -> bool:
        return self.path.startswith(ON_A_MODEL)

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of the JSON it takes, if it takes any."""
        content = self.described.get("requestBody", {}).get("content", {})
        schema: dict[str, Any] | None = content.get("application/json", {}).get("schema")
        if schema and "anyOf" in schema:
            schema = schema["anyOf"][0]
        return resolved(schema) if schema else None


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema, found by its name if it is only named."""
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = SCHEMA["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def published_policy() -> PolicyVersion:
    """Return a policy that says what the starter says, as if its signatures had been given.

    To walk the whole way takes long; the tests of policies do.
    """
    writer = person("wanda", everywhere=("risk_officer",))
    version = approvals.draft_policy(by=actor(writer), reason="Due", shipped="starter")
    overwrite(version, state=PolicyVersion.State.PUBLISHED, published_at=version.drafted_at)
    return version


def talked_over(request: PromotionRequest) -> tuple[SignOff, SignOffCondition]:
    """Let the owner ask for changes, and leave the developer something to do.

    That is written past every rule: no version without results is approved on a condition.
    """
    by = actor(scenarios.owner())
    dissent = approvals.sign_off(
        request,
        by=by,
        role="model_owner",
        decision=SignOff.Decision.ASK_FOR_CHANGES,
        reason="Nearly there",
        ticket=scenarios.ticket(request, by),
        confirmed=scenarios.confirmation(by),
    )
    left = SignOffCondition(
        sign_off=dissent,
        text="Document it",
        owner=scenarios.developer(),
        due=exceptions.in_days(20),
    )
    rows: QuerySet[SignOffCondition] = QuerySet(SignOffCondition)
    rows.bulk_create([left])
    return dissent, left


def rested(assessment: Assessment) -> AnswerEvidence:
    """Let an answer of an assessment rest on evidence."""
    item = assessed.item(assessment.model)
    return attach_evidence(assessment, "method_type", item, by=actor(scenarios.owner()))


def put_into_service(version: ModelVersion) -> Rollout:
    """Put a version where it may run, and let it be seen there."""
    by = actor(scenarios.operator())
    facts = deployments.EnvironmentFacts(owner=scenarios.owner(), admits=("development",))
    place = deployments.create_environment("place", facts, by=by)
    rollout = serving.deploy(version.model, place, [Asked(version)], by=by)
    seen = [Seen(rollout.deployment.service, version.content_digest)]
    deployments.report(place, seen, by=by, at=database_now())
    return rollout


def routes() -> Iterator[Route]:
    """Yield every method at every address the API describes."""
    for path, item in SCHEMA["paths"].items():
        for method in item:
            yield Route(method.upper(), path.removeprefix(ROOT))


ROUTES = {str(route): route for route in routes()}


@dataclass(frozen=True)
class World:
    """One model with everything an address can name."""

    version: ModelVersion
    run: CheckRun
    request: PromotionRequest
    use: UseCase
    supplier: ThirdParty
    asset: Asset
    edge: LineageEdge
    upload: Upload
    item: EvidenceItem
    attestation: Attestation
    document: Document
    breach: Breach
    policy: PolicyVersion
    dissent: SignOff
    condition: SignOffCondition
    waiver: Waiver
    assessment: Assessment
    attached: AnswerEvidence
    judgment: Judgment
    pack: EvidencePack
    rollout: Rollout

    @classmethod
    def made(cls) -> "World":
        """Return a world all of whose events are sealed."""
        world = walked_to()
        seal_all()
        return world

    def places(self) -> dict[str, Any]:
        """Return what an address captures, standing for what is there."""
        return {
            "name": NAME,
            "number": 1,
            "key": "key",
            "alias": "best",
            "path": "README.md",
            "run": self.run.pk,
            "check": EXTERNAL,
            "promotion": self.request.pk,
            "policy": self.policy.pk,
            "sign_off": self.dissent.pk,
            "condition": self.condition.pk,
            "waiver": self.waiver.pk,
            "party": self.supplier.pk,
            "uid": self.asset.uid,
            "edge": self.edge.pk,
            "upload_id": self.upload.pk,
            "item": self.item.pk,
            "series": self.breach.series_id,
            "attestation": self.attestation.pk,
            "template": self.document.template_id,
            "section": "intended_use",
            "kind": self.assessment.kind,
            "questionnaire": self.assessment.questionnaire_id,
            "assessment": self.assessment.pk,
            "attached": self.attached.pk,
            "pack": self.pack.pk,
            "environment": self.rollout.deployment.environment.name,
            "deployment": self.rollout.deployment_id,
            "level": 0,
            "place": "000.p/1",
            **self.judgment.places(),
        }

    def absent(self) -> dict[str, Any]:
        """Return what an address captures, standing for what is not there."""
        return dict.fromkeys(self.places(), 2**31 - 2) | {
            "name": "absent",
            "uid": uuid4(),
            "upload_id": uuid4(),
            "key": "absent",
            "alias": "absent",
            "path": "absent",
            "place": "absent",
            "kind": "absent",
            "environment": "absent",
        }

    def address(self, route: Route, places: Mapping[str, Any] | None = None) -> str:
        """Return the address of a route below the root, with what its query needs."""
        query = {
            "POST /models/{name}/versions/{number}/attestations": "?kind=dsse&file=other.sig",
            "GET /models/{name}/compare": "?version=1&version=2",
            "GET /models/{name}/versions/{number}/run/metrics": "?key=auc&dataset=holdout",
            "GET /admission": (
                f"?digest={self.version.content_digest}"
                f"&environment={self.rollout.deployment.environment.name}"
            ),
        }
        return route.path.format(**(places or self.places())) + query.get(str(route), "")

    def asked(self, route: Route) -> Any:
        """Return a body that a route takes, or nothing when it takes none."""
        return self._bodies().get(str(route))

    def _bodies(self) -> dict[str, Any]:
        reason = {"reason": "Due"}
        model, version = "/models/{name}", "/models/{name}/versions/{number}"
        end = {"asset": str(self.asset.uid)}
        return {
            **self.judgment.bodies(),
            "POST /models": {"name": "another"},
            f"PATCH {model}": {"title": "Other"},
            f"DELETE {model}": reason,
            f"POST {model}/rename": {"name": "renamed"},
            f"POST {model}/roll-back": reason,
            f"PUT {model}/tags/{{key}}": {"value": "other"},
            f"PUT {version}/tags/{{key}}": {"value": "other"},
            f"PUT {model}/aliases/{{alias}}": {"version": 2},
            f"POST {model}/versions": {"upload": str(self.upload.pk)},
            f"PATCH {version}": {"description": "Other"},
            f"DELETE {version}": reason,
            f"POST {version}/checks": {"names": ["artifact-integrity"]},
            f"POST {version}/checks/{{check}}/result": {
                "state": "passed",
                "summary": "Held.",
                "examined": self.version.content_digest,
            },
            f"POST {version}/evidence": {
                "type": "red_team_report",
                "title": "Another",
                "link": "https://docs.example/report",
            },
            f"POST {model}/evidence/{{item}}/withdraw": reason,
            f"POST {model}/monitoring/{{series}}/points": {
                "points": [{"at": "2026-03-09T00:00:00Z", "value": 0.9}]
            },
            f"DELETE {version}/attestations/{{attestation}}": reason,
            f"POST {version}/documents": {"template": "eu-annex-iv"},
            f"PATCH {version}/documents/{{template}}/sections/{{section}}": {
                "values": {"users": ["Analysts"]}
            },
            f"POST {version}/promotions": {"target": "staging", "reason": "Due"},
            "POST /promotions/{promotion}/withdraw": reason,
            "POST /promotions/{promotion}/promote": reason,
            "POST /promotions/{promotion}/note": reason,
            "POST /promotions/{promotion}/comments": {"text": "Looks good."},
            "POST /promotions/{promotion}/sign-offs/{sign_off}/answer": reason,
            "POST /promotions/{promotion}/conditions/{condition}/meet": reason,
            f"POST {version}/waivers": {
                "condition": "metrics_recorded",
                "reason": "The data came late",
                "compensating_controls": "A second person looks",
                "use_limits": "Only in the pilot",
                "residual_risk": "An answer may be late",
                "ends_on": exceptions.in_days(20).isoformat(),
            },
            "POST /waivers/{waiver}/withdraw": reason,
            f"PATCH {model}/inventory": {"values": {"description": "Other"}},
            f"PATCH {version}/inventory": {"values": {"license": "MIT"}},
            f"POST {model}/use-cases": {"title": "Other"},
            f"PATCH {model}/use-cases/{{key}}": {"values": {"intended_purpose": "Other"}},
            f"DELETE {model}/use-cases/{{key}}": reason,
            f"POST {model}/third-parties": {"title": "Other"},
            f"PATCH {model}/third-parties/{{party}}": {"values": {"service": "Other"}},
            f"DELETE {model}/third-parties/{{party}}": reason,
            "POST /lineage/assets": {"kind": "dataset", "name": "other"},
            "POST /lineage": {
                "eventType": "COMPLETE",
                "eventTime": "2026-05-04T10:00:00Z",
                "producer": "https://jobs.example",
                "run": {"runId": "0196a4b0-7c1e-7d4b-9b1a-2f6d1c5e8a90"},
                "job": {"namespace": "jobs", "name": "train"},
                "inputs": [{"namespace": "lake", "name": "other"}],
                "outputs": [{"namespace": "signet", "name": f"models:/{NAME}/2"}],
            },
            "PATCH /lineage/assets/{uid}": {"description": "Other"},
            "DELETE /lineage/assets/{uid}": reason,
            "POST /lineage/edges": {
                "origin": end,
                "target": {"model": NAME, "version": 2},
                "relation": "trained_on",
            },
            "DELETE /lineage/edges/{edge}": reason,
            "POST /packs": {"of": [{"model": NAME, "version": 1}], "purpose": "Due"},
            **self._judging(),
            **self._serving(),
        }

    def _serving(self) -> dict[str, Any]:
        reason, one = {"reason": "Due"}, "/deployments/{deployment}"
        parts = {"versions": [{"version": 1}], **reason}
        return {
            "POST /models/{name}/deployments": {"environment": "place", **parts},
            f"POST {one}/shift": parts,
            f"POST {one}/roll-back": reason,
            f"POST {one}/withdraw": reason,
            f"POST {one}/drills": reason,
            f"POST {one}/rollouts/{{number}}/outcome": {"done": True},
            "POST /environments/{environment}/sightings": {
                "at": database_now().isoformat(),
                "seen": [{"endpoint": NAME, "called": f"{NAME}/1"}],
            },
        }

    def _judging(self) -> dict[str, Any]:
        reason, one = {"reason": "Due"}, "/assessments/{assessment}"
        return {
            "POST /questionnaires": {"text": SMALL, **reason},
            "POST /models/{name}/assessments": {"questionnaire": assessed.NIST},
            f"PATCH {one}": {"answers": {"method_type": "generative"}},
            f"POST {one}/import": {"text": assessed.as_text(assessed.example(assessed.LIGHT))},
            f"POST {one}/evidence": {"question": "model_origin", "evidence": self.item.pk},
            f"POST {one}/move": {"digest": "another"},
            f"POST {one}/take-back": reason,
            f"POST {one}/withdraw": reason,
        }


@remembered
def walked_to() -> World:
    by, owner = actor(scenarios.developer()), actor(scenarios.owner())
    model = scenarios.registered_model(NAME)
    version = scenarios.registered_version(model)
    [run, *_] = validation.start_checks(version, by=by)
    request = approvals.request_promotion(version, by=by, target=Stage.STAGING, reason="Due")
    scenarios.registered_version(model, {"a": b"2"})
    catalog.set_alias(model, "best", version, by=owner)
    catalog.set_model_tag(model, "key", NAME, by=owner)
    catalog.set_version_tag(version, "key", NAME, by=owner)
    asset = catalog.declare_asset(by=by, kind="dataset", name="scans")
    validation.expect_external_check(
        EXTERNAL,
        by=actor(person("casey", everywhere=("risk_officer",))),
        title="Load test",
        sentence="Holds a thousand requests a second.",
        hours_until_due=24,
        reason="Agreed with operations",
    )
    return World(
        version,
        run,
        request,
        catalog.add_use_case(model, by=owner, title="Key"),
        catalog.add_third_party(model, by=owner, title="Supplier"),
        asset,
        catalog.declare_edge(asset, version, "trained_on", by=owner),
        scenarios.uploaded(),
        validation.add_evidence(
            version,
            "red_team_report",
            by=by,
            title="Report",
            file=validation.SentFile("report.pdf", [b"Report"]),
        ),
        validation.attach_attestation(version, "dsse", "key.sig", [b"{}"], by=by),
        validation.start_document(version, "model-card", by=by),
        scenarios.breach(model),
        published_policy(),
        *talked_over(request),
        exceptions.asked(version, by=scenarios.developer()),
        assessment := assessed.started(model),
        rested(assessment),
        Judgment.after(assessment),
        shown.ready(packs.order_pack(version, by=by, reason="Due")),
        put_into_service(version),
    )
