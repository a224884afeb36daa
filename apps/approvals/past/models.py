"""A model as it was: what it said of itself, its tier, its versions, and who held which role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.accounts.models import AbstractDuty, Duty
from apps.approvals.models import Authorization, LegalHold
from apps.approvals.past.named import Names, sees_findings
from apps.approvals.past.production import authorizations_at
from apps.audit import past
from apps.catalog.lifecycle import Stage
from apps.catalog.models import (
    Alias,
    ModelDuty,
    ModelSheet,
    ModelTag,
    ModelVersion,
    RegisteredModel,
    ThirdParty,
    UseCase,
)
from apps.core.actors import Actor
from apps.risk.models import Finding
from apps.risk.past import open_findings_at, tiers_at
from apps.risk.tiers import CurrentTier


@dataclass(frozen=True)
class PastModel:
    """A model at a moment; rows are of that moment, people and teams bear today's names."""

    row: RegisteredModel
    sheet: ModelSheet | None
    tier: CurrentTier
    versions: Sequence[ModelVersion]
    aliases: Sequence[Alias]
    tags: Sequence[ModelTag]
    uses: Sequence[UseCase]
    suppliers: Sequence[ThirdParty]
    duties: Sequence[ModelDuty]
    everywhere: Sequence[Duty]
    authorizations: Sequence[Authorization]
    findings: Sequence[Finding] | None
    """Open ones of the model; nothing where the reader is shown none."""
    holds: Sequence[LegalHold]
    names: Names

    @property
    def in_production(self) -> Sequence[ModelVersion]:
        return [one for one in self.versions if one.stage == Stage.PRODUCTION]

    @property
    def numbers(self) -> dict[int, int]:
        """The number of each version by its id."""
        return {one.pk: one.number for one in self.versions}

    def champion(self) -> int | None:
        """Return the number of the version the alias ``champion`` pointed at, if one did."""
        named = {one.name: one.version_id for one in self.aliases}
        return self.numbers.get(named.get("champion", 0))

    def holder(self, duty: AbstractDuty) -> str:
        """Return who held a duty."""
        return self.names.person(duty.user_id) or self.names.team(duty.team_id)


def model_at(model: RegisteredModel, at: datetime, reader: Actor) -> PastModel | None:
    """Return a model as it was at a moment, or nothing when it was not registered yet."""
    row = past.as_it_was(RegisteredModel, model.pk, at)
    if row is None:
        return None
    within, held = Q(model_id=model.pk), Q(until=None)
    versions = past.as_they_were(ModelVersion, at, within, Q(deleted_at=None))
    duties = past.as_they_were(ModelDuty, at, within, held)
    everywhere = past.as_they_were(Duty, at, such=held)
    sheets = past.as_they_were(ModelSheet, at, within)
    return PastModel(
        row=row,
        sheet=sheets[0] if sheets else None,
        tier=tiers_at([model.pk], at)[model.pk],
        versions=sorted(versions, key=lambda one: -one.number),
        aliases=past.as_they_were(Alias, at, within),
        tags=past.as_they_were(ModelTag, at, within),
        uses=past.as_they_were(UseCase, at, within, Q(ended_at=None)),
        suppliers=past.as_they_were(ThirdParty, at, within, Q(ended_at=None)),
        duties=duties,
        everywhere=everywhere,
        authorizations=authorizations_at([one.pk for one in versions], at),
        findings=_findings(model, at) if sees_findings(reader) else None,
        holds=past.as_they_were(LegalHold, at, within, Q(lifted_at=None)),
        names=Names.of(
            [row.owner_id, row.created_by_id, *(one.user_id for one in (*duties, *everywhere))],
            [row.team_id, *(one.team_id for one in (*duties, *everywhere))],
        ),
    )


def _findings(model: RegisteredModel, at: datetime) -> Sequence[Finding]:
    return open_findings_at([model.pk], at).get(model.pk, ())
