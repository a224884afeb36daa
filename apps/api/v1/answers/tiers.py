"""The tier of a model: why it is that one, what it was before, and what it would be today."""

from collections.abc import Iterable
from datetime import date, datetime

from apps.api.v1.answers.base import Answer
from apps.catalog.models import RegisteredModel
from apps.risk import overriding
from apps.risk.kept import floor_of
from apps.risk.models import Assessment, TierOverride, TierOverrideSignOff
from apps.risk.tier_previews import TierPreview
from apps.risk.tiers import CurrentTier, Step


class TieringAnswer(Answer):
    """The approved assessment that found a tier."""

    number: int
    questionnaire: str
    approved_at: datetime | None
    page: str

    @classmethod
    def of(cls, tiering: Assessment) -> "TieringAnswer":
        return cls(
            number=tiering.pk,
            questionnaire=tiering.kind,
            approved_at=tiering.approved_at,
            page=tiering.get_absolute_url(),
        )


class WouldBe(Answer):
    """The tier it would be assessed at today, where that is another one, since when, and why."""

    tier: int
    assessed: int
    since: date | None
    changed: list[str]
    words: str

    @classmethod
    def of(cls, found: TierPreview) -> "WouldBe":
        return cls(
            tier=found.tier,
            assessed=found.assessed,
            since=found.since,
            changed=list(found.changed),
            words=found.in_words,
        )


class TierStep(Answer):
    """One tier the model was at: from when, on what, and why."""

    at: datetime
    tier: int
    words: str
    reason: str
    page: str

    @classmethod
    def of(cls, step: Step) -> "TierStep":
        return cls(at=step.at, tier=step.tier, words=step.words, reason=step.reason, page=step.url)


class TierSignature(Answer):
    """One person's yes or no to another tier, in one role."""

    role: str
    decision: str
    meaning: str
    reason: str
    signer: str
    signer_name: str
    signed_at: datetime

    @classmethod
    def of(cls, signed: TierOverrideSignOff) -> "TierSignature":
        return cls(
            role=signed.role,
            decision=signed.decision,
            meaning=signed.printed_meaning,
            reason=signed.reason,
            signer=signed.signer.username,
            signer_name=signed.signer_name,
            signed_at=signed.signed_at,
        )


class OtherTier(Answer):
    """Another tier than the assessed one: asked for, signed, over."""

    number: int
    tier: int
    assessed_tier: int
    state: str
    reason: str
    ends_on: date
    roles: list[str]
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_at: datetime | None
    why: str
    sign_offs: list[TierSignature]
    page: str

    @classmethod
    def of(cls, override: TierOverride) -> "OtherTier":
        signed = sorted(override.sign_offs.all(), key=lambda one: one.pk)
        return cls(
            number=override.pk,
            tier=override.tier,
            assessed_tier=override.assessed_tier,
            state=override.state,
            reason=override.reason,
            ends_on=override.ends_on,
            roles=list(override.roles),
            asked_by=override.asked_by.username,
            asked_at=override.asked_at,
            decided_by=override.decided_by.username if override.decided_by else None,
            decided_at=override.decided_at,
            ended_at=override.ended_at,
            why=override.why,
            sign_offs=[TierSignature.of(one) for one in signed],
            page=override.get_absolute_url(),
        )


class TierAnswer(Answer):
    """At which tier a model is, and why; 0 is none yet, or no model to be tiered.

    ``assessed`` is what its tiering found, ``floor`` the lightest that anybody may sign instead,
    ``may_be`` what could be asked for now, ``in_force`` the number of what was signed instead.
    """

    model: str
    tier: int
    words: str
    assessed: int
    since: datetime | None
    age_days: int
    tiering: TieringAnswer | None
    floor: int | None
    in_force: int | None
    may_be: list[int]
    would_be: WouldBe | None
    history: list[TierStep]
    other_tiers: list[OtherTier]

    @classmethod
    def of(
        cls,
        model: RegisteredModel,
        current: CurrentTier,
        *,
        would_be: TierPreview | None,
        steps: Iterable[Step],
        overrides: Iterable[TierOverride],
        at: datetime,
    ) -> "TierAnswer":
        tiering = current.tiering
        return cls(
            model=model.name,
            tier=current.tier,
            words=current.in_words,
            assessed=current.assessed,
            since=current.since,
            age_days=current.age_days(at),
            tiering=TieringAnswer.of(tiering) if tiering else None,
            floor=floor_of(tiering) if tiering else None,
            in_force=current.override.pk if current.override else None,
            may_be=overriding.choices(current),
            would_be=WouldBe.of(would_be) if would_be else None,
            history=[TierStep.of(step) for step in steps],
            other_tiers=[OtherTier.of(one) for one in overrides],
        )
