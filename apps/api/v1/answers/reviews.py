"""Reviews, attestations of owners, and what of judgment falls due."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from apps.api.v1.answers.base import Answer
from apps.catalog.models import RegisteredModel
from apps.risk.models import CampaignEntry, OwnerAttestation, Review
from apps.risk.policy_says import PolicySays
from apps.risk.schedules import Scheduled
from apps.risk.spans import Entry


class ScheduledAnswer(Answer):
    """One thing that comes round for a model: how often, when it was done last, and when next."""

    what: str
    months: int
    last: date | None
    due: date
    overdue: bool

    @classmethod
    def of(cls, one: Scheduled, *, on: date) -> "ScheduledAnswer":
        return cls(
            what=one.what.value,
            months=one.months,
            last=one.last,
            due=one.due,
            overdue=one.is_overdue(on),
        )


class Asking(Answer):
    """A campaign that waits for the word of the owner."""

    campaign: int
    title: str
    due: date
    state: str

    @classmethod
    def of(cls, entry: CampaignEntry) -> "Asking":
        campaign = entry.campaign
        return cls(campaign=campaign.pk, title=campaign.title, due=campaign.due, state=entry.state)


class ScheduleAnswer(Answer):
    """What comes round for a model by the policy in force at its tier, what is due first before."""

    model: str
    tier: int
    policy: str
    policy_digest: str
    schedule: list[ScheduledAnswer]
    asking: list[Asking]

    @classmethod
    def of(
        cls,
        model: RegisteredModel,
        tier: int,
        says: PolicySays,
        *,
        due: Iterable[Scheduled],
        asking: Iterable[CampaignEntry],
        on: date,
    ) -> "ScheduleAnswer":
        return cls(
            model=model.name,
            tier=tier,
            policy=says.name,
            policy_digest=says.digest,
            schedule=[ScheduledAnswer.of(one, on=on) for one in due],
            asking=[Asking.of(entry) for entry in asking],
        )


class ReviewAnswer(Answer):
    """A review: planned, done with a conclusion and the findings it raised, or dropped."""

    number: int
    model: str
    kind: str
    state: str
    why: str
    due: date | None
    overdue: bool
    planned_by: str | None
    planned_at: datetime | None
    done_by: str | None
    done_at: datetime | None
    conclusion: str
    notes: str
    findings: list[int]
    why_dropped: str
    page: str

    @classmethod
    def of(cls, review: Review, *, on: date) -> "ReviewAnswer":
        return cls(
            number=review.pk,
            model=review.model.name,
            kind=review.kind,
            state=review.state,
            why=review.why,
            due=review.due,
            overdue=review.is_overdue(on),
            planned_by=review.planned_by.username if review.planned_by else None,
            planned_at=review.planned_at,
            done_by=review.done_by.username if review.done_by else None,
            done_at=review.done_at,
            conclusion=review.conclusion,
            notes=review.notes,
            findings=list(review.finding_ids),
            why_dropped=review.why_dropped,
            page=review.get_absolute_url(),
        )


class ReviewPage(Answer):
    """Some reviews, the newest first; ``next`` leads on, or is nothing."""

    reviews: list[ReviewAnswer]
    next: str | None


class AttestationAnswer(Answer):
    """An owner signed that the record of a model is right; the digest is of what was shown."""

    number: int
    meaning: str
    signer: str
    signer_name: str
    signed_at: datetime
    snapshot_digest: str
    statement_digest: str

    @classmethod
    def of(cls, given: OwnerAttestation) -> "AttestationAnswer":
        return cls(
            number=given.pk,
            meaning=given.printed_meaning,
            signer=given.signer.username,
            signer_name=given.signer_name,
            signed_at=given.signed_at,
            snapshot_digest=given.snapshot_digest,
            statement_digest=given.statement_digest,
        )


class AttestationPage(Answer):
    """Some attestations, the newest first; ``next`` leads on, or is nothing."""

    attestations: list[AttestationAnswer]
    next: str | None


class DueEntry(Answer):
    """One thing that falls due on a day; its ``id`` stays the same whenever it is read."""

    id: str
    day: date
    title: str
    text: str
    overdue: bool
    page: str

    @classmethod
    def of(cls, entry: Entry, *, on: date) -> "DueEntry":
        return cls(
            id=entry.key,
            day=entry.day,
            title=entry.title,
            text=entry.text,
            overdue=entry.day < on,
            page=entry.href,
        )


class DueAnswer(Answer):
    """What falls due within a year or is overdue; where it ``is_cut``, there is more of a kind."""

    due: list[DueEntry]
    is_cut: bool

    @classmethod
    def of(cls, entries: Sequence[Entry], *, is_cut: bool, on: date) -> "DueAnswer":
        return cls(due=[DueEntry.of(entry, on=on) for entry in entries], is_cut=is_cut)
