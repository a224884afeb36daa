"""What the pages of evidence packs show: what one would hold, how far it is, how to check it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.approvals.models import EvidencePack, PromotionRequest
from apps.approvals.operations.packs import MOST_SUBJECTS
from apps.approvals.packs.enclosed import MOST_BYTES
from apps.approvals.packs.laid_out import ANSWERS, KEY_ELSEWHERE
from apps.approvals.packs.queries import packs_visible_to
from apps.audit.verifier import standalone
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core import links
from apps.core.actors import Actor
from apps.core.formats import grouped, size
from apps.core.paging import Order
from apps.risk.portfolio import lists
from apps.risk.portfolio.lists import Rows

PAGE_SIZE = 25
NEWEST_FIRST = Order(("id",))
SECONDS_BETWEEN_LOOKS = 2
NAMES_SHOWN = 20
WHOSE, EVERYBODYS, OWN = "whose", "all", "mine"
VIEW_RECORD = "audit.view_record"
State = EvidencePack.State
TONES = {
    State.WAITING: "info",
    State.MAKING: "info",
    State.READY: "good",
    State.FAILED: "bad",
}


@dataclass(frozen=True)
class Content:
    """Something a pack holds."""

    title: str
    text: str
    icon: str


CONTENTS = (
    Content(
        "A front page, and the same as a PDF",
        "The answer first: is it approved, for what, by whom, under which policy, what is open.",
        "file-text",
    ),
    Content(
        "Decisions",
        "Every promotion request, how its gate was judged, who signed, and the exact words each "
        "of them signed, with the text of every policy that judged, and the proof that it is the "
        "one that was published.",
        "pen-line",
    ),
    Content(
        "Evidence",
        "Check runs with their reports, evidence and attestations with their files, approved "
        "documents, waivers, lineage, the bill of materials and the model card.",
        "list-checks",
    ),
    Content(
        "Risk", "Assessments with their answers, findings, reviews and incidents.", "triangle-alert"
    ),
    Content(
        "The record",
        "Every entry of each model exact to the byte, with the proof that none was changed, "
        "dropped or added, up to a signed checkpoint.",
        "scroll-text",
    ),
    Content(
        "The verifier",
        f"{standalone.NAME}, one file that needs Python 3.9 and nothing else.",
        "shield-check",
    ),
)
NOT_INSIDE = (
    "The files of the models themselves: only their names and digests.",
    f"Files of evidence past {size(MOST_BYTES)}, and those you may not download: their digests.",
    "Names of people, except where they signed and in documents that name them.",
)


@dataclass(frozen=True)
class Subject:
    """What a pack is to be of, as its order page tells it."""

    title: str
    crumbs: Sequence[tuple[str, str]]
    back: str

    @classmethod
    def of(cls, subject: RegisteredModel | ModelVersion | PromotionRequest) -> "Subject":
        """Return how something is called, and the way there."""
        address = subject.get_absolute_url()
        if isinstance(subject, RegisteredModel):
            crumbs = [("Models", reverse("models:list")), (subject.name, address)]
            return cls(f"{subject.name}, with all its versions", crumbs, address)
        version = subject if isinstance(subject, ModelVersion) else subject.version
        model = version.model
        crumbs = [
            (model.name, model.get_absolute_url()),
            (f"Version {version.number}", version.get_absolute_url()),
        ]
        if isinstance(subject, ModelVersion):
            return cls(f"Version {version.number} of {model.name}", crumbs, address)
        target = subject.get_target_display().lower()
        title = f"{subject}: version {version.number} of {model.name} to {target}"
        return cls(title, [*crumbs, (str(subject), address)], address)


def ordering(subject: Subject) -> dict[str, Any]:
    """Return what every page shows on which a pack is ordered."""
    return {
        "subject": subject,
        "contents": CONTENTS,
        "not_inside": NOT_INSIDE,
        "days": settings.PACK_DAYS,
    }


def ordering_many(found: Rows) -> dict[str, Any]:
    """Return what the page shows on which a pack of several models is ordered."""
    asked = ", ".join(f"{label}: {value}" for label, value in found.asked)
    noun = "model" if found.total == 1 else "models"
    summary = f"{grouped(found.total)} {noun}{f' · {asked}' if asked else ''}"
    subject = Subject(summary, [("Evidence packs", _listed())], _listed())
    beyond = found.total - len(found.rows)
    return ordering(subject) | {
        "found": found,
        "beyond": f"Only the first {len(found.rows)} are offered: a pack is of at most "
        f"{MOST_SUBJECTS}. Narrow the list to reach the other {grouped(beyond)}."
        if beyond
        else "",
        "portfolio": reverse("risk:portfolio"),
    }


def chosen_from(asked: Mapping[str, str], actor: Actor) -> Rows:
    """Return the models a pack can be of, chosen as the portfolio's lists are.

    Raises:
        NotFound: when nothing can be asked of models so.
    """
    return lists.listed("models", asked, actor, now().date(), start=0, size=MOST_SUBJECTS)


def listing(request: ActorRequest) -> dict[str, Any]:
    """Return what the list shows: one's own packs, or for auditors and examiners everybody's."""
    sees_all = request.actor.may(VIEW_RECORD) or request.actor.only_looks
    whose = links.asked(request, WHOSE)
    is_own = not sees_all or whose == OWN
    rows = packs_visible_to(request.actor)
    if is_own:
        rows = rows.filter(ordered_by=request.actor.user_id)
    found = links.page_of(request, rows, NEWEST_FIRST, PAGE_SIZE)
    return {
        "rows": [{"pack": one, **_standing(one)} for one in found.rows],
        "sees_all": sees_all,
        "is_own": is_own,
        "own_url": links.with_query(request, **{WHOSE: OWN}),
        "all_url": links.with_query(request, **{WHOSE: EVERYBODYS}),
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
    }


def one(pack: EvidencePack) -> dict[str, Any]:
    """Return what the page of a pack shows, wherever it stands."""
    page = pack.get_absolute_url()
    return {
        "pack": pack,
        **_standing(pack),
        "crumbs": [("Audit", reverse("audit:list")), ("Evidence packs", _listed())],
        "page_url": page,
        "part_url": reverse("approvals:pack_part", args=[pack.pk]),
        "file_url": reverse("approvals:pack_file", args=[pack.pk]),
        "again_url": reverse("approvals:repeat_pack", args=[pack.pk]),
        "seconds": SECONDS_BETWEEN_LOOKS,
        "facts": _facts(pack),
        "contents": CONTENTS,
        "not_inside": NOT_INSIDE,
        "command": f"python3 {standalone.NAME} pack {pack.file_name} --key KEY",
        "take_out": f"python3 -m zipfile -e {pack.file_name} pack",
        "key_elsewhere": KEY_ELSEWHERE,
        "answers": ANSWERS,
    }


def _standing(pack: EvidencePack) -> dict[str, Any]:
    stands = pack.stands
    work = getattr(pack, "work", None)
    is_cleared = pack.cleared_at is not None
    return {
        "state": "File cleared" if is_cleared else stands.label,
        "tone": "idle" if is_cleared else TONES[stands],
        "is_waiting": stands in {State.WAITING, State.MAKING},
        "done": work.done if work else 0,
        "total": work.total if work else 0,
    }


def _facts(pack: EvidencePack) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"term": "Pack", "value": pack.record_id},
        {"term": "Kind", "value": pack.get_kind_display()},
        {"term": "Models", "value": _names(pack)},
        {"term": "Ordered by", "person": str(pack.ordered_by)},
        {"term": "Ordered", "at": pack.ordered_at},
        {"term": "As of", "at": pack.as_of},
        {"term": "Size", "value": "" if pack.size is None else size(pack.size)},
        {"term": "Digest of the file", "digest": pack.digest},
        {"term": "Digest of pack.json", "digest": pack.contents},
        {"term": "Proven up to entry", "value": pack.log_size and grouped(pack.log_size)},
        {"term": "File kept until", "at": None if pack.cleared_at else pack.expires_at},
        {"term": "File cleared", "at": pack.cleared_at},
    ]
    return [fact for fact in facts if any(value for key, value in fact.items() if key != "term")]


def _names(pack: EvidencePack) -> str:
    """Return the models a pack is of; whoever sees the pack sees all of them."""
    names = list(pack.of_models.order_by("model__name").values_list("model__name", flat=True))
    more = [f"and {len(names) - NAMES_SHOWN} more"] if len(names) > NAMES_SHOWN else []
    return ", ".join([*names[:NAMES_SHOWN], *more])


def _listed() -> str:
    return reverse("approvals:packs")
