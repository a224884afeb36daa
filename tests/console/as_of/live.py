"""What live rows say now, asked the way live pages ask: to be held against the past later."""

from datetime import datetime
from typing import Any

from apps.approvals import authorized, in_force
from apps.approvals.past import production
from apps.approvals.past.models import PastModel, model_at
from apps.approvals.past.policies import in_force_at
from apps.approvals.past.versions import version_at
from apps.catalog import queries as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.risk.finding_queries import findings_visible_to
from apps.risk.models import Finding
from apps.risk.pages.tiers import current_of
from apps.validation import queries as validation

Facts = dict[str, Any]
OF_MODEL = RegisteredModel.RECORD.fields
OF_VERSION = ModelVersion.RECORD.fields


def told_now(actor: Actor, at: datetime) -> Facts:
    """Return what is true of everything an actor may see, from the live tables."""
    models = catalog.models_visible_to(actor).order_by("pk")
    return {
        "policy": in_force.policy().digest,
        "production": _production_now(actor),
        "models": {model.pk: _model_now(model, actor, at) for model in models},
    }


def _model_now(model: RegisteredModel, actor: Actor, at: datetime) -> Facts:
    versions = model.versions.filter(deleted_at=None).order_by("-number")
    sheet = getattr(model, "sheet", None)
    findings = findings_visible_to(actor).filter(model=model, state__in=Finding.UNSETTLED)
    return {
        **{name: getattr(model, name) for name in OF_MODEL},
        "inventory": sheet.values if sheet else None,
        "tier": current_of(model, at).in_words,
        "aliases": sorted(model.aliases.values_list("name", "version__number")),
        "tags": sorted(model.tags.values_list("key", "value")),
        "duties": sorted((str(one.holder), one.role) for one in catalog.duties_on(model)),
        "findings": sorted((one.pk, one.state, one.severity, one.due) for one in findings),
        "versions": [_version_now(version) for version in versions],
    }


def _version_now(version: ModelVersion) -> Facts:
    runs = validation.newest_runs(version)
    requests = version.requests.order_by("-pk")
    return {
        **{name: getattr(version, name) for name in OF_VERSION},
        "checks": sorted((name, run.pk, run.state) for name, run in runs.items()),
        "requests": [
            (one.pk, one.state, [(s.pk, s.decision) for s in one.sign_offs.order_by("pk")])
            for one in requests
        ],
        "authorizations": [
            (one.pk, one.state, one.valid_until) for one in version.authorizations.order_by("-pk")
        ],
    }


def _production_now(actor: Actor) -> list[Any]:
    there = catalog.versions_visible_to(actor).filter(stage=Stage.PRODUCTION)
    versions = list(there.select_related("model__owner").order_by("model__name", "pk"))
    standing = authorized.of_versions(versions)
    return [
        (one.model.name, one.number, str(one.model.owner), _approval(standing.get(one.pk)))
        for one in versions
    ]


def _approval(granted: Any) -> Any:
    if granted is None:
        return None
    return granted.pk, granted.state, granted.valid_until, granted.request_id, granted.sign_off_ids


# -- the same from history


def told_then(actor: Actor, at: datetime) -> Facts:
    """Return what was true at a moment, from history."""
    found = {}
    for model in catalog.models_visible_to(actor).order_by("pk"):
        then = model_at(model, at, actor)
        if then is not None:
            found[model.pk] = _model_then(model, then, actor, at)
    return {
        "policy": in_force_at(at).policy.digest,
        "production": [
            (one.model.name, one.version.number, one.owner, _approval(one.authorization))
            for one in production.all_serving(actor, at)
        ],
        "models": found,
    }


def _model_then(model: RegisteredModel, then: PastModel, actor: Actor, at: datetime) -> Facts:
    numbers = then.numbers
    versions = {one.pk: one for one in model.versions.all()}
    return {
        **{name: getattr(then.row, name) for name in OF_MODEL},
        "inventory": then.sheet.values if then.sheet else None,
        "tier": then.tier.in_words,
        "aliases": sorted((one.name, numbers[one.version_id]) for one in then.aliases),
        "tags": sorted((one.key, one.value) for one in then.tags),
        "duties": sorted((then.holder(one), one.role) for one in then.duties),
        "findings": sorted(
            (one.pk, one.state, one.severity, one.due) for one in then.findings or ()
        ),
        "versions": [_version_then(versions[one.pk], actor, at) for one in then.versions],
    }


def _version_then(version: ModelVersion, actor: Actor, at: datetime) -> Facts:
    then = version_at(version, at, actor)
    assert then is not None
    given = [one.row for one in then.signed]
    return {
        **{name: getattr(then.row, name) for name in OF_VERSION},
        "checks": [(run.check_name, run.pk, run.state) for run in then.checks],
        "requests": [
            (one.pk, one.state, [(s.pk, s.decision) for s in given if s.request_id == one.pk])
            for one in then.requests
        ],
        "authorizations": [(one.pk, one.state, one.valid_until) for one in then.authorizations],
    }
