"""What waits on one person beside requests, as queries: the inbox shows it, the badge counts it.

Which models somebody sees, answers for and looks back at is handed in, since to find out asks too.
The inbox hands in a person and a moment, the badge the places where they come in later.
"""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.approvals import policy_standing
from apps.approvals.models import (
    Emergency,
    PolicySignOff,
    PolicyVersion,
    PromotionRequest,
    Ratification,
    SignOff,
    SignOffCondition,
    Waiver,
    WaiverSignOff,
)
from apps.audit.models import Redaction
from apps.catalog.models import RegisteredModel
from apps.core.prepared import Slot, Somebody
from apps.risk.models import Assessment, AssessmentSignOff

Models = QuerySet[RegisteredModel]


def conditions(who: Somebody, visible: Models, *, on: date | Slot) -> QuerySet[SignOffCondition]:
    """Return the conditions of sign-offs a person still has to meet, as of a day."""
    standing = [PromotionRequest.State.OPEN, PromotionRequest.State.PROMOTED]
    found: QuerySet[SignOffCondition] = SignOffCondition.objects.filter(
        owner=who.user_id,
        met_at=None,
        missed_at=None,
        due__gte=on,
        sign_off__withdrawal=None,
        sign_off__request__state__in=standing,
        sign_off__request__version__model__in=visible,
    )
    return found


def dissents(who: Somebody, answered_for: Models) -> QuerySet[SignOff]:
    """Return the dissent on models a person answers for, while nobody answered."""
    later = SignOff.objects.filter(
        request=OuterRef("request"), signer=OuterRef("signer"), pk__gt=OuterRef("pk")
    )
    unanswered: QuerySet[SignOff] = SignOff.objects.filter(
        ~Exists(later),
        decision__in=sorted(SignOff.DISSENT),
        answer=None,
        withdrawal=None,
        request__state=PromotionRequest.State.OPEN,
        request__version__model__in=answered_for,
    )
    return unanswered.exclude(signer=who.user_id)


def waivers(who: Somebody, visible: Models) -> QuerySet[Waiver]:
    """Return the waivers that wait for signatures a person might give, whatever the role."""
    own = WaiverSignOff.objects.filter(waiver=OuterRef("pk"), signer=who.user_id)
    asked: QuerySet[Waiver] = Waiver.objects.filter(
        ~Exists(own), state=Waiver.State.ASKED, version__model__in=visible
    )
    return asked.exclude(asked_by=who.user_id)


def emergencies(who: Somebody, visible: Models, *, at: datetime | Slot) -> QuerySet[Emergency]:
    """Return the emergencies that wait for a confirmation a person might give, as of a moment."""
    own = Ratification.objects.filter(emergency=OuterRef("pk"), signer=who.user_id)
    waiting: QuerySet[Emergency] = Emergency.objects.filter(
        ~Exists(own),
        state=Emergency.State.OPEN,
        ratify_until__gt=at,
        authorization__version__model__in=visible,
    )
    return waiting.exclude(acted_by=who.user_id)


def reviews(who: Somebody, looked_after: Models) -> QuerySet[Emergency]:
    """Return the emergencies that are settled, and that somebody has to look back at."""
    settled: QuerySet[Emergency] = Emergency.objects.filter(
        reviewed_at=None, authorization__version__model__in=looked_after
    )
    return settled.exclude(state=Emergency.State.OPEN).exclude(acted_by=who.user_id)


def policies(who: Somebody) -> QuerySet[PolicyVersion]:
    """Return the policy that waits for a signature a person might give, if there is one."""
    own = PolicySignOff.objects.filter(policy=OuterRef("pk"), signer=who.user_id)
    proposed: QuerySet[PolicyVersion] = PolicyVersion.objects.filter(
        ~Exists(own),
        ~Exists(policy_standing.writing_of(who.id, OuterRef("pk"))),
        state=PolicyVersion.State.PROPOSED,
    )
    return proposed


def assessments(who: Somebody, signable: Models) -> QuerySet[Assessment]:
    """Return the answers that wait for reviewers on models where a person may review, in any role.

    Whether it is a role still free, and whether they answered themselves, is asked of these alone.
    """
    own = AssessmentSignOff.objects.filter(
        assessment=OuterRef("pk"), round=OuterRef("round"), signer=who.user_id
    )
    submitted: QuerySet[Assessment] = Assessment.objects.filter(
        ~Exists(own),
        Q(version=None) | Q(version__deleted_at=None),
        state=Assessment.State.SUBMITTED,
        model__in=signable,
    )
    return submitted


def erasures(who: Somebody) -> QuerySet[Redaction]:
    """Return the erasures that wait for a second person who neither asked nor wrote the words."""
    asked: QuerySet[Redaction] = Redaction.objects.filter(state=Redaction.State.ASKED)
    return asked.exclude(asked_by=who.id).exclude(event__actor_id=who.id)
