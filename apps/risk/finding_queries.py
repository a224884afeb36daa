"""Reads about findings and incidents, always filtered to what the actor may see.

Where they ask what waits on somebody, the models on which it could are handed in.
"""

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from apps.accounts.actors import actor_for
from apps.accounts.models import User
from apps.catalog import queries as catalog
from apps.catalog.models import ExamRoom, ModelDuty, ModelVersion, RegisteredModel
from apps.core.actors import Actor, Door
from apps.core.prepared import Slot, Somebody
from apps.risk.models import Finding, Incident, ReportDuty
from apps.validation.models import EvidenceItem

ANSWER = "catalog.raise_finding"
"""What answering for a finding of one's own takes."""
MANAGE_INCIDENTS = "catalog.manage_incidents"
MANAGE_FINDINGS = "catalog.manage_findings"


def findings_visible_to(actor: Actor) -> QuerySet[Finding]:
    """Return the findings of the models an actor may see."""
    visible = catalog.models_visible_to(actor, part=ExamRoom.Part.FINDINGS)
    found: QuerySet[Finding] = Finding.objects.filter(model__in=visible.values("pk"))
    return found.select_related("model", "version__model", "owner", "incident")


def incidents_visible_to(actor: Actor) -> QuerySet[Incident]:
    """Return the incidents of the models an actor may see."""
    visible = catalog.models_visible_to(actor, part=ExamRoom.Part.FINDINGS)
    found: QuerySet[Incident] = Incident.objects.filter(model__in=visible.values("pk"))
    return found.select_related("model", "version__model", "owner", "reported_by")


def overdue(findings: QuerySet[Finding], on: date) -> QuerySet[Finding]:
    """Keep the findings whose day is over and that nobody settled."""
    return findings.filter(state__in=Finding.UNSETTLED, due__lt=on)


def standing_or_none(model: RegisteredModel, cause: str) -> Finding | None:
    """Return the finding of a cause that stands, if one does."""
    found: Finding | None = (
        Finding.objects.filter(model=model, cause=cause, state__in=Finding.STANDING)
        .select_related("version", "model")
        .first()
    )
    return found


def standing_causes(model_ids: Collection[int], causes: Collection[str]) -> set[tuple[int, str]]:
    """Return which of some causes have a finding that stands, by model."""
    standing = Finding.objects.filter(
        model__in=model_ids, cause__in=causes, state__in=Finding.STANDING
    )
    return set(standing.values_list("model_id", "cause"))


def to_settle(model_id: int, causes: Collection[str]) -> QuerySet[Finding]:
    """Return the findings of some causes that stand, but those that wait to be closed."""
    found: QuerySet[Finding] = Finding.objects.filter(
        model=model_id, cause__in=causes, state__in=Finding.STANDING
    ).exclude(state=Finding.State.READY)
    return found.order_by("pk")


def to_settle_by(
    who: Somebody, until: date | Slot, answered_for: QuerySet[RegisteredModel]
) -> QuerySet[Finding]:
    """Return the findings a person owns that need a plan, or are planned and due until a day."""
    state = Finding.State
    asks = Q(state=state.OPEN) | Q(state=state.PLANNED, due__lte=until)
    found: QuerySet[Finding] = Finding.objects.filter(
        asks, owner=who.user_id, model__in=answered_for.values("pk")
    )
    return found.select_related("model", "version__model")


def to_close(who: Somebody, managed: QuerySet[RegisteredModel]) -> QuerySet[Finding]:
    """Return the findings a person can close: neither owned by them, nor remedied."""
    ready: QuerySet[Finding] = Finding.objects.filter(
        state=Finding.State.READY, model__in=managed.values("pk")
    )
    theirs = Q(owner=who.user_id) | Q(remedied_by=who.user_id)
    return ready.exclude(theirs).select_related("model", "version__model")


def reports_to_make(managed: QuerySet[RegisteredModel]) -> QuerySet[ReportDuty]:
    """Return the reports that authorities wait for, and a person can make or set aside."""
    found: QuerySet[ReportDuty] = ReportDuty.objects.filter(
        reported_at=None, set_aside_at=None, incident__model__in=managed.values("pk")
    )
    return found.select_related("incident__model")


def of_version(version: ModelVersion) -> QuerySet[Finding]:
    """Return the findings a version carries: of the model, and of versions up to this one."""
    carried = Q(version=None) | Q(version__number__lte=version.number)
    found: QuerySet[Finding] = Finding.objects.filter(carried, model=version.model_id)
    return found


def may_answer(person: User, model: RegisteredModel) -> bool:
    """Say whether a person could settle a finding of a model, as its owner."""
    actor = actor_for(person, door=Door.WORKER)
    return actor.may(catalog.VIEW, model) and actor.may(ANSWER, model)


def possible_owners(model: RegisteredModel) -> list[User]:
    """Return who serves the model by a duty of its own, and its owner: who a page suggests."""
    duties = ModelDuty.objects.filter(model=model, until=None)
    served = Q(pk__in=duties.values("user")) | Q(
        memberships__team__in=duties.values("team"), memberships__until=None
    )
    people = User.objects.filter(served | Q(pk=model.owner_id), is_active=True)
    return list(people.filter(is_service_account=False).distinct().order_by("display_name", "pk"))


def person_named(name: str) -> list[User]:
    """Return the people with an open account who bear a sign-in name, or else a whole name."""
    people = User.objects.filter(is_active=True, is_service_account=False).order_by("pk")
    by_username = list(people.filter(username__iexact=name)[:2])
    return by_username or list(people.filter(display_name__iexact=name)[:2])


def attachable(finding: Finding) -> QuerySet[EvidenceItem]:
    """Return the evidence items of the model that can still be attached, the newest first."""
    items = EvidenceItem.objects.filter(model=finding.model_id, withdrawn_at=None, declined_at=None)
    attached = finding.attached.values("item")
    found: QuerySet[EvidenceItem] = items.exclude(pk__in=attached).order_by("-pk")
    return found
