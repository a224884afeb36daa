"""What the pages of decisions show, worked out from a case for one reader."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.approvals import comparison, gates, operations, signers
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest
from apps.approvals.pages import frame, gate, seats, story
from apps.catalog import queries as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor


def promotion(case: Case, reader: Actor) -> Mapping[str, Any]:
    """Return everything the page of a request shows, its forms apart."""
    request = case.request
    replaced = case.replaces if request.is_open else request.replaced
    told = story.told(case, reader)
    decision = story.decision(case)
    eligible = signers.eligible(case) if request.is_open else {}
    return {
        "promotion": request,
        "version": request.version,
        "model": request.version.model,
        "case": case,
        "state_tone": frame.STATE_TONES[request.State(request.state)],
        "replaced": replaced,
        "replaces": frame.REPLACES.get(request.State(request.state), "Would have replaced"),
        "comparison": comparison.compare(replaced, request.version),
        "changes": _changes(replaced, request.version),
        "stages": frame.stage_strip(request),
        "checks": frame.checks(case),
        "card": frame.card(request.version.model),
        "gate": gate.on_page(case, decision),
        "sign_offs": seats.rows(case, reader, told, eligible),
        "given": seats.given_in_words(case),
        "told": told,
        "decision": decision,
    }


def dossier_text(case: Case) -> str:
    """Return the dossier as it stands, or as it was signed last once the request is decided."""
    if case.request.is_open or not case.sign_offs:
        return case.dossier.text
    return case.sign_offs[-1].dossier


def _changes(before: ModelVersion | None, after: ModelVersion) -> str:
    return f"v{before.number} → v{after.number}" if before else f"v{after.number}"


def asking(
    version: ModelVersion, target: Stage | None, reader: Actor, *, at: datetime
) -> Mapping[str, Any]:
    """Return everything the page that asks for a promotion shows, its form apart."""
    state = PromotionRequest.State.OPEN
    asked = version.requests.filter(state=state).first()
    may_request = reader.may(operations.REQUEST_PROMOTION.permission, version.model)
    page: dict[str, Any] = {"version": version, "target": target, "can_request": False}
    if target is None:
        stage = version.get_stage_display().lower()
        return page | {
            "title": "Nothing to request",
            "why_not": f"{version} is in {stage}; no promotion leads on from there.",
        }
    page["title"] = f"Request promotion of {version} to {target.label.lower()}"
    page["readiness"] = gates.foresee(version, target, asked_by=reader.id, at=at)
    if asked is not None:
        return page | {"why_not": f"{asked} already asks for this.", "asked": asked}
    if not may_request:
        return page | {"why_not": operations.REQUEST_PROMOTION.refusal}
    return page | {"can_request": True}


def going_back(model: RegisteredModel, reader: Actor, *, at: datetime) -> Mapping[str, Any]:
    """Return everything the page of a rollback shows, its form apart."""
    current = operations.serving(model)
    target = operations.rollback_target(current) if current else None
    page: dict[str, Any] = {"model": model, "can_roll_back": False}
    if current is None or target is None:
        return page | {
            "title": f"Roll back {model.name}",
            "why_not": "There is no version before to go back to: "
            "nothing in production has replaced another version.",
        }
    readiness = gates.evaluate_rollback(target, asked_by=reader.id, reason="", at=at)
    page |= {
        "title": f"Roll back {model.name} to version {target.number}",
        "lead": f"Version {current.number} leaves production and is archived; version "
        f"{target.number}, authorized before, returns. Its gate is judged again.",
        "gate": gate.of_readiness(readiness.policy, readiness),
        "comparison": comparison.compare(current, target),
        "changes": _changes(current, target),
    }
    if not reader.may(operations.ROLL_BACK.permission, model):
        operators = seats.named(catalog.holders_of("operator", model))
        return page | {"why_not": f"Carried out by an operator of this model: {operators}."}
    if not readiness.is_open:
        return page | {"why_not": "The gate is closed. It says below what would open it."}
    return page | {"can_roll_back": True}
