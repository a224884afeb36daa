"""What the pages of decisions show, worked out from a case for one reader."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.approvals import comparison, gates, in_force, operations, signers
from apps.approvals.cases import Case
from apps.approvals.models import TARGETS, PromotionRequest
from apps.approvals.pages import (
    conversation,
    desk,
    dissent,
    emergencies,
    frame,
    gate,
    seats,
    story,
    transitions,
)
from apps.approvals.pages.forms_shown import Shown
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import DomainError


def promotion(case: Case, reader: Actor, shown: Shown, *, about: str = "") -> Mapping[str, Any]:
    """Return everything the page of a request shows; ``about`` is what a comment would be about."""
    request = case.request
    replaced = case.replaces if request.is_open else request.replaced
    told = story.told(case, reader)
    decision = story.decision(case)
    eligible = signers.eligible(case) if request.is_open else {}
    return {
        "promotion": request,
        "title": transitions.title_of(request),
        "version": request.version,
        "model": request.version.model,
        "case": case,
        "state": transitions.state_of(request),
        "state_tone": frame.STATE_TONES[request.State(request.state)],
        "replaced": replaced,
        "replaces": frame.REPLACES.get(request.State(request.state), "Would have replaced"),
        "comparison": comparison.compare(replaced, request.version),
        "changes": _changes(replaced, request.version),
        "stages": frame.stage_strip(request),
        "checks": frame.checks(case),
        "card": frame.card(request.version.model),
        "gate": gate.on_page(
            case,
            decision,
            may_ask_waiver=reader.may(operations.ASK_FOR_WAIVER.permission, request.version.model),
        ),
        "since_you_signed": seats.since_you_signed(case, reader),
        "dissents": dissent.dissents(case, reader, shown),
        "conditions": dissent.conditions(case, reader),
        "sign_offs": seats.rows(case, reader, told, eligible),
        "given": seats.given_in_words(case),
        "talk": conversation.of(request, reader, shown, about),
        "told": told,
        "decision": decision,
        "desk": desk.of(case, reader, shown),
    }


def dossier_text(case: Case) -> str:
    """Return the dossier as it stands, or as it was signed last once the request is decided."""
    if case.request.is_open or not case.sign_offs:
        return case.dossier.text
    return case.sign_offs[-1].dossier


def _changes(before: ModelVersion | None, after: ModelVersion) -> str:
    return f"v{before.number} → v{after.number}" if before else f"v{after.number}"


def asking(
    version: ModelVersion, transition: str | None, reader: Actor, *, at: datetime
) -> Mapping[str, Any]:
    """Return everything the page that asks for a transition shows, its form apart."""
    page: dict[str, Any] = {"version": version, "target": None, "can_request": False}
    if transition is None:
        stage = version.get_stage_display().lower()
        why_not = f"{version} is {stage}; nothing leads on from there."
        return page | {"title": "Nothing to request", "why_not": why_not}
    words, target = transitions.WORDS[transition], TARGETS[transition]
    page |= {"title": words.asking.format(version), "words": words, "target": target}
    try:
        page["readiness"] = gates.foresee(version, target, asked_by=reader.id, at=at)
    except DomainError as refusal:
        return page | {"why_not": str(refusal)}
    asked = version.requests.filter(state=PromotionRequest.State.OPEN).first()
    if asked is not None:
        return page | {
            "why_not": f"{asked} is open: {transitions.title_of(asked)}.",
            "asked": asked,
        }
    if not reader.may(words.asks.permission, version.model):
        return page | {"why_not": words.asks.refusal}
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
    readiness = gates.evaluate_rollback(target, asked_by=reader.id, reason=gates.GIVEN_LATER, at=at)
    page |= {
        "to": target.number,
        "title": f"Roll back {model.name} to version {target.number}",
        "lead": f"Version {current.number} leaves production and is archived; version "
        f"{target.number}, authorized before, returns. Its gate is judged again.",
        "gate": gate.of_readiness(readiness.policy, readiness, in_force.policy()),
        "comparison": comparison.compare(current, target),
        "changes": _changes(current, target),
        "knows_emergency": emergencies.is_known(),
    }
    if not reader.may(operations.ROLL_BACK.permission, model):
        operators = seats.named(catalog.holders_of("operator", model))
        return page | {"why_not": f"Carried out by an operator of this model: {operators}."}
    if not readiness.is_open:
        return page | {"why_not": "The gate is closed. It says below what would open it."}
    return page | {"can_roll_back": True}
