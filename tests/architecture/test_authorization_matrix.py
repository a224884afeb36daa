"""C1 and C2: every URL of the router, asked by every kind of actor, in every method.

The URLs come from the router; what is expected stands in one table here. A URL without a row fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from apps.accounts import operations as accounts
from apps.accounts.models import DirectoryPerson, User
from apps.accounts.scopes import Scope
from apps.approvals import operations as approvals
from apps.approvals.models import (
    Comment,
    Delegation,
    Emergency,
    EvidencePack,
    LegalHold,
    PolicyVersion,
    PromotionRequest,
    Retirement,
    SignOff,
    SignOffCondition,
    Waiver,
)
from apps.approvals.operations import packs
from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent, Redaction
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ExamRoom, LineageEdge, ModelVersion, ThirdParty, UseCase
from apps.console.exams import pages as exam_pages
from apps.core.clock import database_now
from apps.deployments.models import Rollout
from apps.risk.models import (
    Assessment,
    Campaign,
    Finding,
    Incident,
    Obligation,
    QuestionnaireVersion,
    ReportDuty,
    Review,
    TierOverride,
)
from apps.validation import operations as validation
from apps.validation.models import Attestation, Breach, CheckRun, Document, EvidenceItem
from tests import examining, factories, scenarios
from tests.api.world import talked_over
from tests.approvals.deciding import delegated, said
from tests.approvals.exceptions import asked
from tests.approvals.exceptions import hold as hold_on
from tests.architecture import decided
from tests.console.serving import running as served
from tests.risk.assessed import started
from tests.risk.found import incident as reported
from tests.risk.found import raised
from tests.risk.questionnaire_walk import drafted
from tests.risk.reviewed import planned, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("numbers_are_kept")]

METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
INSIDE = {"dev", "olivia", "rita", "audrey", "vera", "otis"}
"""Who may see the model of the matrix."""


@dataclass(frozen=True)
class World:
    """One model with everything a URL can name, and a model nobody of the matrix may see."""

    version: ModelVersion
    run: CheckRun
    request: PromotionRequest
    event: AuditEvent
    use: UseCase
    supplier: ThirdParty
    edge: LineageEdge
    item: EvidenceItem
    attestation: Attestation
    document: Document
    breach: Breach
    draft: PolicyVersion
    waiver: Waiver
    hold: LegalHold
    comment: Comment
    dissent: SignOff
    condition: SignOffCondition
    emergency: Emergency
    retirement: Retirement
    delegation: Delegation
    assessment: Assessment
    questionnaire: QuestionnaireVersion
    review: Review
    campaign: Campaign
    finding: Finding
    incident: Incident
    report: ReportDuty
    tier: TierOverride
    obligation: Obligation
    pack: EvidencePack
    exam: ExamRoom
    redaction: Redaction
    rollout: Rollout

    def arguments(self, route: str) -> dict[str, object]:
        """Return what a route's parameters stand for here."""
        known: dict[str, object] = {
            "name": self.version.model.name,
            "number": self.version.number,
            "uid": self.event.uid,
            "path": "README.md",
            "form": "model-card",
            "upload_id": uuid4(),
            "key": self.use.key,
            "field": "stage" if "versions" in route else "title",
            "group": self._group(route),
            "part": "edges",
            "check": "artifact-integrity",
            "external": "load-test",
            "template": "eu-annex-iv",
            "section": "intended_use",
            "shipped": "starter",
            "register": "pra-ss1-23",
            "table": "tiers",
            "kind": "models",
            "model": self.version.model.pk,
        }
        if "assets" in route and self.edge.origin_asset:
            known["uid"] = self.edge.origin_asset.uid
        if "environments/" in route:
            known["name"] = self.rollout.deployment.environment.name
        if "document" in route:
            known["form"] = "markdown"
        acts = {"findings/": "plan", "incidents/": "contain", "report-duties/": "report"}
        known["act"] = next((act for part, act in acts.items() if part in route), "")
        if "campaigns" in route:
            known["moment"] = "before"
        if "questionnaires" in route:
            known["shipped"] = "genai-risk"
        if "assessments" in route:
            known |= {"form": "json", "section": "determination", "key": "purpose", "attached": 1}
        return known | {"pk": self._pk(route)}

    def _pk(self, route: str) -> int:
        """Return the row a route is about: the first of its words that is known says which."""
        rows = {
            "exams": self.exam.pk,
            "deployments": self.rollout.deployment_id,
            "redactions": self.redaction.pk,
            "assessments": self.assessment.pk,
            "tier-overrides": self.tier.pk,
            "obligations": self.obligation.pk,
            "questionnaires": self.questionnaire.pk,
            "campaigns": self.campaign.pk,
            "findings": self.finding.pk,
            "incidents": self.incident.pk,
            "report-duties": self.report.pk,
            "reviews": self.review.pk,
            "checks": self.run.pk,
            "promotions": self.request.pk,
            "packs": self.pack.pk,
            "third-parties": self.supplier.pk,
            "lineage": self.edge.pk,
            "monitoring": self.breach.series_id,
            "breaches": self.breach.pk,
            "evidence": self.item.pk,
            "attestations": self.attestation.pk,
            "document": self.document.pk,
            "policies": self.draft.pk,
            "waivers": self.waiver.pk,
            "legal-holds": self.hold.pk,
            "comments": self.comment.pk,
            "sign-offs": self.dissent.pk,
            "sign-off-conditions": self.condition.pk,
            "emergencies": self.emergency.pk,
            "retirements": self.retirement.pk,
            "delegations": self.delegation.pk,
        }
        return next((pk for word, pk in rows.items() if word in route), 1)

    def _group(self, route: str) -> str:
        """Return a group of inventory fields the record of a route has."""
        groups = {"uses/": "use", "third-parties/": "supplier", "versions/": "integrity"}
        return next((group for part, group in groups.items() if part in route), "identity")


@pytest.fixture
def world() -> World:
    by = factories.actor(scenarios.developer())
    model = scenarios.registered_model("matrix")
    version = scenarios.registered_version(model)
    rollout = served.asked(served.place(), version)
    [run, *_] = validation.start_checks(version, by=by)
    request = approvals.request_promotion(version, by=by, target=Stage.STAGING, reason="Matrix")
    validation.expect_external_check(
        "load-test",
        by=factories.actor(factories.person("casey", everywhere=("risk_officer",))),
        title="Load test",
        sentence="Holds a thousand requests a second.",
        hours_until_due=24,
        reason="Agreed",
    )
    owner = factories.actor(scenarios.owner())
    use = catalog.add_use_case(model, by=owner, title="Use")
    supplier = catalog.add_third_party(model, by=owner, title="Supplier")
    asset = catalog.declare_asset(by=by, kind="dataset", name="loans")
    edge = catalog.declare_edge(asset, version, "trained_on", by=by)
    file = validation.SentFile("report.pdf", [b"Report"])
    item = validation.add_evidence(version, "red_team_report", by=by, title="Report", file=file)
    event = AuditEvent.objects.filter(chain_root=model.record_ref).latest("id")
    signed = validation.attach_attestation(version, "dsse", "a.sig", [b"{}"], by=by)
    card = validation.start_document(version, "model-card", by=by)
    validation.save_section(card, "intended_use", {"users": ["Analysts"]}, by=by)
    validation.submit_document(card, by=by)
    breach = scenarios.breach(model)
    writer = factories.person("wanda", everywhere=("risk_officer",))
    draft = approvals.draft_policy(by=factories.actor(writer), reason="Due", shipped="starter")
    waiver, hold = asked(version), hold_on(model)
    dissent, condition = talked_over(request)
    incident = reported(model, traits=["personal_data_breach"])
    assessment = started(model)
    tiering = decided.tiering(assessment)
    stand_in = factories.person("stan", everywhere=("peer_reviewer",))
    return World(
        version,
        run,
        request,
        event,
        use,
        supplier,
        edge,
        item,
        signed,
        card,
        breach,
        draft,
        waiver,
        hold,
        said(request, writer, "Why?"),
        dissent,
        condition,
        decided.emergency(version),
        decided.retirement(version),
        delegated(writer, stand_in, "risk_officer"),
        assessment,
        drafted(),
        planned(model),
        running(0, 1, 2, 3, 4),
        raised(model),
        incident,
        incident.duties.get(),
        decided.other_tier(tiering),
        decided.obligation(tiering),
        packs.order_pack(version, by=by, reason="Matrix"),
        examining.opened(model),
        Redaction.objects.create(
            event=event,
            place=Redaction.REASON,
            basis=Redaction.Basis.REQUEST,
            asked_in=event.uid,
            asked_by="usr_0",
            asked_at=database_now(),
        ),
        rollout,
    )


@pytest.fixture
def cast() -> dict[str, User]:
    people = {
        "dev": scenarios.developer(),
        "olivia": scenarios.owner(),
        "rita": scenarios.risk_officer(),
        "audrey": scenarios.auditor(),
        "vera": scenarios.account("vera", "Vera Validator", "validator"),
        "otis": scenarios.account("otis", "Otis Operator", "operator"),
        "sam": scenarios.stranger(),
        "root": factories.person("root", administrator=True),
        "gone": factories.person("gone", everywhere=("auditor",)),
    }
    accounts.close_account(people["gone"], by=factories.HOST, reason="Left")
    return people


# -- the router ------------------------------------------------------------------------------------


def routes(
    resolver: URLResolver, before: str = "", space: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Yield every route with its full name, as the router knows it."""
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name or route}", route, entry
        else:
            inner = f"{entry.namespace}:" if entry.namespace else ""
            yield from routes(entry, route, space + inner)


@cache
def ours() -> dict[str, URLPattern]:
    """Return the pages that are ours by name; the admin and the API have rows of their own."""
    return {
        name: pattern
        for name, _, pattern in routes(get_resolver())
        if not name.startswith(("admin:", "v1:", "mlflow:", "scim:"))
    }


PUBLIC = {"health", "accounts:sign_in"}
PERSONAL = {
    "accounts:sign_out",
    "accounts:password",
    "accounts:account",
    "accounts:create_token",
    "accounts:revoke_token",
    "accounts:renew_token",
    "accounts:subscribe",
    "accounts:confirm",
    "accounts:ask_passkey",
    "accounts:factors",
    "accounts:add_code_device",
    "accounts:remove_code_device",
    "accounts:add_passkey",
    "accounts:ask_new_passkey",
    "accounts:remove_passkey",
    "accounts:recovery_codes",
    "approvals:promotions",
    "approvals:calendar",
    "approvals:delegations",
    "approvals:delegate",
    "approvals:end_delegation",
    "approvals:waivers",
    "approvals:emergencies",
    "approvals:packs",
    "approvals:order_packs",
    "approvals:policies",
    "approvals:policy_at",
    "approvals:draft_policy",
    "approvals:shipped_policy",
    "approvals:shipped_text",
    "risk:due",
    "risk:campaigns",
    "risk:begin_campaign",
    "approvals:calendar_file",
    "risk:questionnaires",
    "risk:draft_questionnaire",
    "risk:shipped_questionnaire",
    "risk:shipped_questionnaire_text",
    "risk:preview_shipped_questionnaire",
    "risk:retire_shipped_questionnaire",
    "risk:findings",
    "risk:incidents",
    "console:inbox",
    "console:gallery",
    "models:list",
    "models:inventory_csv",
    "risk:portfolio",
    "risk:portfolio_pdf",
    "risk:portfolio_csv",
    "risk:portfolio_rows",
    "risk:registers",
    "risk:register",
    "risk:register_gaps",
    "risk:register_csv",
    "risk:register_pdf",
    "models:export_list",
    "as_of:production",
    "as_of:production_csv",
    "models:save_view",
    "models:rename_view",
    "models:delete_view",
    "models:register_model",
    "validation:reference",
    "validation:settings_for_all",
    "validation:expect_external",
    "validation:end_external",
    "assets:list",
    "assets:declare",
    "audit:list",
    "audit:export_csv",
    "audit:export_lines",
    "deployments:list",
    "deployments:environments",
    "deployments:create_environment",
    "deployments:environment",
    "deployments:change_environment",
    "deployments:close_environment",
    "notices:list",
    "notices:read",
    "notices:read_all",
    "notices:mail",
}
ON_A_MODEL = {
    "risk:finding",
    "risk:accept_risk",
    "risk:answer_finding",
    "risk:ask_risk_passkey",
    "risk:model_findings",
    "risk:raise_finding",
    "risk:incident",
    "risk:answer_incident",
    "risk:answer_report",
    "risk:model_incidents",
    "risk:report_incident",
    "approvals:promotion",
    "approvals:sign",
    "approvals:ask_passkey",
    "approvals:promote",
    "approvals:withdraw",
    "approvals:withdraw_sign_off",
    "approvals:dossier",
    "approvals:signatures",
    "approvals:order_model_pack",
    "approvals:order_version_pack",
    "approvals:order_request_pack",
    "approvals:pack",
    "approvals:pack_part",
    "approvals:pack_file",
    "approvals:repeat_pack",
    "approvals:note_warnings",
    "approvals:comment",
    "approvals:reply",
    "approvals:resolve_comment",
    "approvals:answer_dissent",
    "approvals:meet_condition",
    "approvals:send_back",
    "approvals:set_aside",
    "approvals:request",
    "approvals:roll_back",
    "approvals:roll_back_at_once",
    "approvals:emergency",
    "approvals:ratify",
    "approvals:ask_ratify_passkey",
    "approvals:review_emergency",
    "approvals:ask_for_waiver",
    "approvals:waiver",
    "approvals:sign_waiver",
    "approvals:ask_waiver_passkey",
    "approvals:renew_waiver",
    "approvals:withdraw_waiver",
    "approvals:revoke_waiver",
    "approvals:retirement",
    "approvals:set_retention",
    "approvals:place_hold",
    "approvals:lift_hold",
    "approvals:ask_disposal",
    "approvals:call_off_disposal",
    "approvals:dispose",
    "risk:reviews",
    "risk:plan_review",
    "risk:carry_out_review",
    "risk:drop_review",
    "risk:attest",
    "risk:ask_attestation_passkey",
    "risk:correct_record",
    "risk:campaign",
    "risk:campaign_progress",
    "risk:campaign_snapshot",
    "risk:end_campaign",
    "risk:assessments",
    "risk:start_assessment",
    "risk:assessment",
    "risk:assessment_section",
    "risk:import_answers",
    "risk:move_assessment",
    "risk:attach_evidence",
    "risk:remove_evidence",
    "risk:submit_assessment",
    "risk:take_back_assessment",
    "risk:drop_assessment",
    "risk:sign_assessment",
    "risk:ask_assessment_passkey",
    "risk:export_assessment",
    "risk:tier",
    "risk:ask_tier",
    "risk:tier_override",
    "risk:sign_tier_override",
    "risk:ask_tier_override_passkey",
    "risk:withdraw_tier_override",
    "risk:obligations",
    "risk:obligation",
    "risk:meet_obligation",
    "risk:defer_obligation",
    "risk:assign_obligation",
    "validation:checks",
    "validation:checks_part",
    "validation:run_checks",
    "validation:run",
    "validation:attestations",
    "validation:attestation_file",
    "validation:withdraw_attestation",
    "validation:evidence",
    "validation:add_evidence",
    "validation:evidence_item",
    "validation:download_evidence",
    "validation:verify_evidence",
    "validation:decline_evidence",
    "validation:withdraw_evidence",
    "validation:run_evidence",
    "validation:cancel_checks",
    "validation:model_settings",
    "validation:documents",
    "validation:start_document",
    "validation:document",
    "validation:edit_section",
    "validation:submit_document",
    "validation:approve_document",
    "validation:return_document",
    "validation:revise_document",
    "validation:document_revision",
    "validation:export_document",
    "models:model",
    "models:describe",
    "models:inventory",
    "models:past_inventory",
    "models:past_version_inventory",
    "models:past_use_case",
    "models:past_third_party",
    "models:edit_inventory",
    "models:version_inventory",
    "models:edit_version_inventory",
    "models:add_use_case",
    "models:use_case",
    "models:edit_use_case",
    "models:end_use_case",
    "models:approve_use",
    "models:add_third_party",
    "models:third_party",
    "models:edit_third_party",
    "models:end_third_party",
    "models:monitoring",
    "models:start_series",
    "models:change_bands",
    "models:end_series",
    "models:points_csv",
    "models:acknowledge_breach",
    "models:access",
    "models:end_duty",
    "models:register_version",
    "models:version",
    "models:version_files",
    "models:compare",
    "models:download",
    "models:export",
    "models:preview",
    "models:version_card",
    "models:version_metrics",
    "models:version_history",
    "models:version_lineage",
    "models:export_lineage",
    "models:end_edge",
    "deployments:deployment",
    "deployments:deployment_part",
    "deployments:deploy",
    "deployments:shift",
    "deployments:roll_back",
    "deployments:withdraw",
    "deployments:drill",
    "deployments:record_by_hand",
    "deployments:radius",
    "assets:asset",
    "assets:describe",
    "assets:retire",
    "assets:export",
    "assets:end_edge",
    "as_of:model",
    "as_of:version",
    "as_of:promotion",
    "audit:entry",
    "audit:proof",
    "audit:raw",
}
FOR_ONE = {"approvals:withdraw_sign_off": "olivia", "approvals:meet_condition": "dev"}
"""Pages that are there for one of those who see the model: who signed, who was asked."""
ON_A_DRAFT = {
    "as_of:policy",
    "approvals:policy",
    "approvals:policy_text",
    "approvals:compare_policy",
    "approvals:dry_run",
    "approvals:dry_run_part",
    "approvals:edit_policy",
    "approvals:drop_policy",
    "approvals:propose_policy",
    "approvals:sign_policy",
    "approvals:ask_policy_passkey",
    "approvals:decline_policy",
    "approvals:publish_policy",
    "risk:questionnaire",
    "risk:questionnaire_text",
    "risk:compare_questionnaire",
    "risk:preview_questionnaire",
    "risk:edit_questionnaire",
    "risk:drop_questionnaire",
    "risk:propose_questionnaire",
    "risk:sign_questionnaire",
    "risk:ask_questionnaire_passkey",
    "risk:decline_questionnaire",
    "risk:publish_questionnaire",
    "risk:retire_questionnaire",
    "risk:offer_questionnaire_again",
}
"""Pages of a policy and of a questionnaire, drafts here: for those who write, sign and audit."""

BY_TOKEN: dict[str, Scope] = {"approvals:calendar_subscription": Scope.CALENDAR}
"""Pages for programs, and the one scope of a token that opens each."""

SIGN_ON = {
    "accounts:sign_on",
    "accounts:come_back",
    "accounts:leave_provider",
    "accounts:step_up",
}
"""Pages that lead to an identity provider: for nobody where none is configured, as here."""

ON_THE_RECORD = {"audit:protection"}
"""Pages about the whole record: for those who read all of it, and for administrators."""


ON_EXAMS = {
    "exams:list",
    "exams:requests",
    "exams:room",
    "exams:open",
    "exams:add_models",
    "exams:withdraw_model",
    "exams:close",
}
"""Pages of exam rooms: for those who host exams; the first three for auditors, too."""
ON_REDACTIONS = {"audit:redactions", "audit:redaction", "audit:ask_redaction"}
"""Pages of what was asked to be erased: for those who ask and decide; auditors see what was."""
FOR_AUDITORS = {"exams:list", "exams:requests", "exams:room"}
FOR_EXAMINERS = {"exams:mine"}


def test_every_url_has_a_row() -> None:
    known = PUBLIC | PERSONAL | ON_A_MODEL | ON_A_DRAFT | ON_THE_RECORD | set(BY_TOKEN)
    known |= ON_EXAMS | FOR_EXAMINERS | ON_REDACTIONS | SIGN_ON
    assert set(ours()) == known


def address(name: str, world: World) -> str:
    pattern = ours()[name]
    names = set(pattern.pattern.converters)
    known = world.arguments(str(pattern.pattern))
    try:
        return reverse(name, kwargs={key: known[key] for key in names})
    except NoReverseMatch:
        pytest.fail(f"{name} cannot be reached with {sorted(names)}")


def ask(client: Client, method: str, path: str) -> HttpResponse:
    """Ask, and read what streams to its end, so that its file is closed."""
    answer = getattr(client, method)(path)
    if not answer.streaming:
        return answer
    whole = HttpResponse(b"".join(answer.streaming_content), status=answer.status_code)
    whole.headers = answer.headers
    return whole


def everything_governed() -> dict[str, int]:
    """Count the history of every governed class: any write adds to it."""
    return {
        rows.__name__: rows.history.count()  # type: ignore[attr-defined]
        for rows in apps.get_models()
        if issubclass(rows, GovernedRow)
    }


# -- C1 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_c1_nobody_signed_in_meets_only_the_sign_in_page(world: World, method: str) -> None:
    closed = PERSONAL | ON_A_MODEL | ON_A_DRAFT | ON_THE_RECORD | ON_EXAMS | FOR_EXAMINERS
    closed |= ON_REDACTIONS
    for name in closed:
        answer = ask(Client(), method, address(name, world))
        assert answer.status_code == HTTPStatus.FOUND, name
        assert answer.headers["Location"].startswith(reverse("accounts:sign_in")), name


@pytest.mark.parametrize("method", METHODS)
def test_c1_without_an_identity_provider_no_page_leads_to_one(
    cast: dict[str, User], method: str
) -> None:
    for client in (Client(), factories.signed_in(Client(), cast["audrey"])):
        for name in SIGN_ON:
            assert ask(client, method, reverse(name)).status_code in {302, 404, 405}, name
            assert "Location" not in ask(client, "get", reverse(name)).headers or (
                name == "accounts:step_up" and "_auth_user_id" not in client.session
            )


@pytest.mark.parametrize("who", ["sam", "root"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_c1_who_may_not_see_a_model_meets_the_same_answer_as_for_none(
    world: World, cast: dict[str, User], who: str, method: str
) -> None:
    client, before = factories.signed_in(Client(), cast[who]), everything_governed()
    for name in ON_A_MODEL:
        path = address(name, world)
        answer = ask(client, method, path)
        assert answer.status_code in {404, 405}, name
        if answer.status_code == 404 and "matrix" in path:
            absent = ask(client, method, path.replace("matrix", "absent"))
            assert _same(answer) == _same(absent), name
        assert b"matrix" not in answer.content.replace(path.encode(), b""), name
    assert everything_governed() == before


@pytest.mark.parametrize("who", sorted(INSIDE))
def test_c1_who_may_see_a_model_opens_its_pages_and_nothing_fails(
    world: World, cast: dict[str, User], who: str
) -> None:
    client, before = factories.signed_in(Client(), cast[who]), everything_governed()
    not_there = {"models:end_duty", "validation:run_evidence"}
    not_there |= {"accounts:remove_code_device", "accounts:remove_passkey"}
    not_there |= {name for name, whose in FOR_ONE.items() if whose != who}
    for name in (PUBLIC | PERSONAL | ON_A_MODEL) - not_there:
        answer = ask(client, "get", address(name, world))
        assert answer.status_code in {200, 302, 403, 405}, f"{name} {answer.status_code}"
    assert everything_governed() == before


@pytest.mark.parametrize("who", sorted(INSIDE))
def test_c1_an_empty_form_changes_nothing_whoever_sends_it(
    world: World, cast: dict[str, User], who: str
) -> None:
    changes = {
        "accounts:sign_out",
        "validation:run_checks",
        "validation:cancel_checks",
        "validation:start_document",
        "approvals:resolve_comment",
        "risk:preview_shipped_questionnaire",
    }  # need no text
    client, before = factories.signed_in(Client(), cast[who]), everything_governed()
    for name in (PERSONAL | ON_A_MODEL) - changes:
        answer = ask(client, "post", address(name, world))
        assert answer.status_code in {403, 404, 405, 409, 422}, f"{name} {answer.status_code}"
    assert everything_governed() == before


def test_c1_a_draft_is_there_for_those_who_write_sign_and_audit_alone(
    world: World, cast: dict[str, User]
) -> None:
    before = everything_governed()
    for who in sorted({*cast} - {"rita", "audrey", "gone"}):
        client = factories.signed_in(Client(), cast[who])
        for name in ON_A_DRAFT:
            for method in ("get", "post"):
                assert ask(client, method, address(name, world)).status_code in {404, 405}, name
    for who in ("rita", "audrey"):
        client = factories.signed_in(Client(), cast[who])
        for name in ON_A_DRAFT - {"approvals:edit_policy", "risk:edit_questionnaire"}:
            assert ask(client, "get", address(name, world)).status_code in {200, 405}, name
        for name in ON_A_DRAFT - {"approvals:dry_run", "risk:preview_questionnaire"}:
            assert ask(client, "post", address(name, world)).status_code in {404, 405, 422}, name
    assert everything_governed() == before


def test_c1_the_whole_record_is_for_auditors_and_administrators_alone(
    world: World, cast: dict[str, User]
) -> None:
    for who in sorted({*cast} - {"gone"}):
        client = factories.signed_in(Client(), cast[who])
        wanted = {200} if who in {"audrey", "root"} else {404}
        for name in ON_THE_RECORD:
            assert {ask(client, "get", address(name, world)).status_code} == wanted, (who, name)
            assert ask(client, "post", address(name, world)).status_code in {404, 405}, name


def test_c1_erasures_are_for_those_who_ask_and_decide_and_for_auditors(
    world: World, cast: dict[str, User]
) -> None:
    people = {**cast, "petra": factories.person("petra", everywhere=("privacy_officer",))}
    before = everything_governed()
    for who in sorted({*people} - {"gone"}):
        client = factories.signed_in(Client(), people[who])
        seen = {"petra": ON_REDACTIONS, "audrey": ON_REDACTIONS - {"audit:ask_redaction"}}
        for name in ON_REDACTIONS:
            path, is_seen = address(name, world), name in seen.get(who, set())
            assert ask(client, "get", path).status_code == (200 if is_seen else 404), (who, name)
            assert ask(client, "post", path).status_code in {404, 405, 422}, (who, name)
    assert everything_governed() == before
    assert Redaction.objects.get().state == Redaction.State.ASKED


def test_c1_exam_rooms_are_for_hosts_and_auditors(world: World, cast: dict[str, User]) -> None:
    before = everything_governed()
    for who in sorted({*cast} - {"gone"}):
        client = factories.signed_in(Client(), cast[who])
        seen = {"rita": ON_EXAMS, "audrey": FOR_AUDITORS}.get(who, set())
        for name in ON_EXAMS | FOR_EXAMINERS:
            path = address(name, world)
            wanted = 200 if name in seen else 404
            assert ask(client, "get", path).status_code == wanted, (who, name)
            sent = {422} if name in seen - FOR_AUDITORS else {404, 405}
            assert ask(client, "post", path).status_code in sent, (who, name)
    assert everything_governed() == before


def test_c1_an_examiner_opens_what_is_granted_and_nothing_else(world: World) -> None:
    client, before = factories.signed_in(Client(), world.exam.examiner), everything_governed()
    asked = 0
    for name in ours():
        answer = ask(client, "get", address(name, world))
        asked += 1
        wanted = {404}
        if name in exam_pages.OPEN:
            wanted = {200, 302}
        elif name in exam_pages.LEADING_HOME:
            wanted = {302}
        elif name in exam_pages.OWN:
            wanted = {200, 405}
        assert answer.status_code in wanted, f"{name} {answer.status_code}"
    assert everything_governed() == before
    assert examining.looks_counted() == asked


def test_c1_an_examiner_writes_nothing(world: World) -> None:
    client, before = factories.signed_in(Client(), world.exam.examiner), everything_governed()
    for name in set(ours()) - exam_pages.WITH_FORMS:
        answer = ask(client, "post", address(name, world))
        assert answer.status_code == 404, f"{name} {answer.status_code}"
    for path in ("/api/v1/models", "/api/2.0/mlflow/registered-models/create", "/admin/"):
        assert ask(client, "post", path).status_code == 404, path
    for method in ("put", "patch", "delete", "options"):
        for name in ("models:model", "accounts:password", "exams:mine"):
            assert ask(client, method, address(name, world)).status_code == 404, (method, name)
    assert everything_governed() == before


def test_c1_an_examiner_of_another_model_meets_the_same_answer_as_for_none(world: World) -> None:
    eric = examining.examiner("eric")
    examining.opened(scenarios.registered_model("other"), to=eric)
    client, before = factories.signed_in(Client(), eric), everything_governed()
    lists = {"approvals:promotions", "approvals:waivers", "approvals:emergencies"}
    lists |= {"approvals:packs", "as_of:production", "audit:list", "deployments:list"}
    for name in set(exam_pages.OPEN) | ON_A_MODEL:
        path = address(name, world)
        answer = ask(client, "get", path)
        assert answer.status_code == (200 if name in lists else 404), name
        assert b"matrix" not in answer.content.replace(path.encode(), b""), name
    assert everything_governed() == before


def test_c1_a_closed_account_meets_only_the_sign_in_page(
    world: World, cast: dict[str, User]
) -> None:
    client = factories.signed_in(Client(), cast["gone"])
    for name in PERSONAL | ON_A_MODEL | ON_THE_RECORD:
        assert ask(client, "get", address(name, world)).status_code == HTTPStatus.FOUND, name


@pytest.mark.parametrize("method", METHODS)
def test_c1_a_page_for_programs_opens_to_a_token_of_its_scope_alone(
    cast: dict[str, User], method: str
) -> None:
    closed = {HTTPStatus.UNAUTHORIZED, HTTPStatus.METHOD_NOT_ALLOWED}
    for name, scope in BY_TOKEN.items():
        path = reverse(name)
        for who in sorted(cast):
            assert ask(factories.signed_in(Client(), cast[who]), method, path).status_code in closed
        for other in sorted(set(Scope) - {scope}):
            assert _by_token(cast["dev"], other, method, path).status_code in closed, other
        opened = _by_token(cast["dev"], scope, method, path).status_code
        assert opened == HTTPStatus.OK if method in {"get", "head"} else opened in closed


@pytest.mark.parametrize("method", METHODS)
def test_c1_the_door_of_a_directory_opens_to_administrators_by_its_scope_alone(
    cast: dict[str, User], method: str
) -> None:
    doors = {name for name, _, _ in routes(get_resolver()) if name.startswith("scim:")}
    assert doors == {"scim:door"}
    path = reverse("scim:door", args=["Users"])
    closed = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    for who in sorted(set(cast) - {"gone"}):
        by_session = ask(factories.signed_in(Client(), cast[who]), method, path)
        assert by_session.status_code == HTTPStatus.UNAUTHORIZED, who
        answer = _by_token(cast[who], Scope.DIRECTORY, method, path)
        assert (answer.status_code in closed) is not cast[who].is_superuser, who
    for other in sorted(set(Scope) - {Scope.DIRECTORY}):
        answer = _by_token(cast["root"], other, method, path)
        assert answer.status_code == HTTPStatus.FORBIDDEN, other
    assert not DirectoryPerson.objects.exists()


def _by_token(user: User, scope: Scope, method: str, path: str) -> HttpResponse:
    _, text = accounts.create_token(
        user,
        by=factories.actor(user),
        name="Program",
        scopes=[scope],
        expires_in=timedelta(days=1),
    )
    answer: HttpResponse = getattr(Client(), method)(
        path, headers={"Authorization": f"Bearer {text}"}
    )
    return answer


def test_c7_the_admin_is_for_staff_alone(world: World, cast: dict[str, User]) -> None:
    paths = [
        reverse(name)
        for name, _, pattern in routes(get_resolver())
        if name.startswith("admin:") and name.endswith(("index", "_changelist", "_add"))
    ]
    assert paths
    for path in paths:
        assert ask(Client(), "get", path).status_code == HTTPStatus.FOUND, path
    for who in sorted(INSIDE | {"sam"}):
        client = factories.signed_in(Client(), cast[who])
        for path in paths:
            assert ask(client, "get", path).status_code == 404, path


# -- C2 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_c2_no_method_makes_a_page_fail_or_write(
    world: World, cast: dict[str, User], method: str
) -> None:
    client, before = factories.signed_in(Client(), cast["audrey"]), everything_governed()
    for name in (PUBLIC | PERSONAL | ON_A_MODEL | ON_A_DRAFT) - {"accounts:sign_out"}:
        answer = ask(client, method, address(name, world))
        assert answer.status_code < 500, f"{method} {name}"
        if method in {"put", "patch", "delete", "trace"}:
            assert answer.status_code in {404, 405}, f"{method} {name}"
    assert everything_governed() == before


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str.upper,
    lambda path: path.rstrip("/"),
    lambda path: path + "/",
    lambda path: "/" + path,
    lambda path: path.replace("/", "//", 2),
    lambda path: path + "%2e%2e/",
)


@pytest.mark.parametrize("spelling", range(len(SPELLINGS)))
def test_c2_another_spelling_of_a_url_opens_nothing_to_a_stranger(
    world: World, spelling: int
) -> None:
    for name in ON_A_MODEL:
        answer = ask(Client(), "get", SPELLINGS[spelling](address(name, world)))
        assert answer.status_code in {302, 404}, name


def _same(answer: HttpResponse) -> bytes:
    """Return a body without what belongs to the request itself."""
    lines = answer.content.replace(b"absent", b"matrix").splitlines()
    return b"\n".join(line for line in lines if b"csrfmiddlewaretoken" not in line)
