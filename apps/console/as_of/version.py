"""The page of a version as it was."""

from collections import defaultdict
from typing import Any

from django.urls import reverse

from apps.approvals.past.versions import PastVersion, version_at
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.console.as_of import facts, signed
from apps.console.as_of.asking import Asked, at_query
from apps.console.as_of.production import authorization_in_words
from apps.core.actors import Actor
from apps.validation import checks
from apps.validation.models import CheckRun, Document

CHECK_TONES = {
    CheckRun.State.PASSED: "good",
    CheckRun.State.FAILED: "bad",
    CheckRun.State.ERRORED: "warn",
}
DOCUMENT_TONES = {Document.Status.APPROVED: "good", Document.Status.IN_REVIEW: "info"}


def page(version: ModelVersion, asked: Asked, actor: Actor) -> dict[str, Any]:
    """Return what was true of a version, or that it was not registered yet."""
    assert asked.at is not None
    found = version_at(version, asked.at, actor)
    if found is None:
        return {"found": None}
    query = at_query(asked.at)
    authorization, tone = authorization_in_words(found.standing, asked.at)
    if found.standing is None and found.row.stage != Stage.PRODUCTION:
        tone = "idle"
    return {
        "found": found,
        "statuses": [
            facts.stage_status(found.row.stage),
            *({"label": str(one)} for one in found.aliases),
        ],
        "authorization": authorization,
        "authorization_tone": tone,
        "facts": _facts(found),
        "checks": [_check(version, one) for one in found.checks],
        "documents": _documents(found),
        "requests": _requests(found, query),
        "answers": facts.answers("version", found.sheet.values if found.sheet else {}),
    }


def _facts(found: PastVersion) -> list[dict[str, Any]]:
    row, names = found.row, found.names
    commit = f"{row.code_commit}{', with uncommitted changes' if row.code_is_dirty else ''}"
    return facts.told(
        {"term": "Content", "value": row.get_readiness_display()},
        {"term": "Owner", "person": names.person(found.model.owner_id)},
        {"term": "Tier", "value": found.tier.in_words},
        {"term": "Registered by", "person": names.person(row.created_by_id)},
        {"term": "Registered", "at": row.created_at},
        {"term": "First in production", "at": row.authorized_at},
        {"term": "Change", "value": row.get_change_class_display()},
        {"term": "Tags", "value": facts.tags(found.tags)},
        {"term": "Framework", "value": row.framework},
        {"term": "Python", "value": row.python_version},
        {"term": "Container", "digest": row.container_digest},
        {"term": "Repository", "value": row.code_repository},
        {"term": "Commit", "value": commit if row.code_commit else ""},
        {"term": "Digest", "digest": row.content_digest},
        {"term": "Facts digest", "digest": row.facts_digest},
    )


def _check(version: ModelVersion, run: CheckRun) -> dict[str, Any]:
    known = checks.named_or_none(run.check_name)
    return {
        "title": known.title if known else run.check_name,
        "url": reverse("validation:run", args=[version.model.name, version.number, run.pk]),
        "status": run.get_state_display(),
        "tone": CHECK_TONES.get(CheckRun.State(run.state), "idle"),
        "text": run.summary,
        "when": run.finished_at,
    }


def _documents(found: PastVersion) -> list[dict[str, Any]]:
    signers: dict[int, list[str]] = defaultdict(list)
    for document, revision, signature in found.document_signatures:
        if revision.number == document.revision:
            signers[document.pk].append(f"{signature.signer_name} ({signature.role_title})")
    return [
        {
            "title": one.template.title,
            "url": one.get_absolute_url(),
            "status": one.get_status_display(),
            "tone": DOCUMENT_TONES.get(Document.Status(one.status), "idle"),
            "text": _signed_by(one, signers[one.pk]),
        }
        for one in found.documents or ()
    ]


def _signed_by(document: Document, signers: list[str]) -> str:
    by = f", signed by {', '.join(signers)}" if signers else ""
    return f"Revision {document.revision}{by}."


def _requests(found: PastVersion, query: str) -> list[dict[str, Any]]:
    return [
        {
            "title": f"{one}: to {one.get_target_display().lower()}",
            "url": f"{reverse('as_of:promotion', args=[one.pk])}?{query}",
            "status": one.get_state_display(),
            "at": one.requested_at,
            "by": found.names.person(one.requested_by_id),
            "rows": [
                signed.row(given, found.names)
                for given in found.signed
                if given.row.request_id == one.pk
            ],
        }
        for one in found.requests
    ]
