"""The list of questionnaires: what is asked now, and every version there is or was."""

from typing import Any

from apps.accounts.access import ActorRequest
from apps.core import links
from apps.core.actors import Actor
from apps.core.paging import Order
from apps.risk import questionnaire_queries
from apps.risk.models import QuestionnaireVersion
from apps.risk.offered import offered
from apps.risk.pages.questionnaires import SUBJECTS, status
from apps.risk.questionnaires import SHIPPED

PAGE_SIZE = 25
MOST_TEXTS = 20
NEWEST_FIRST = Order(("id",))


def on_page(request: ActorRequest) -> dict[str, Any]:
    """Return what the list shows to its reader."""
    visible = questionnaire_queries.questionnaires_visible_to(request.actor).defer("text")
    found = links.page_of(request, visible, NEWEST_FIRST, PAGE_SIZE)
    return {
        "rows": [(version, status(version)) for version in found.rows],
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "asked": _asked(),
        "may_write": request.actor.may(questionnaire_queries.WRITE),
    }


def _asked() -> list[dict[str, Any]]:
    rows = QuestionnaireVersion.objects.filter(state=QuestionnaireVersion.State.PUBLISHED)
    in_use = {(row.questionnaire_id, row.number): row for row in rows.defer("text")}
    return [
        {
            "questionnaire": one,
            "row": in_use.get((one.id, one.version)),
            "subject": SUBJECTS[one.subject],
            "is_shipped": one.id in SHIPPED,
            "questions": len(one.question_keys),
        }
        for one in offered()
    ]


def texts_to_begin_with(actor: Actor) -> list[tuple[str, str]]:
    """Return the newest versions a draft may begin with, as a form offers them."""
    visible = (
        questionnaire_queries.questionnaires_visible_to(actor)
        .filter(is_shipped=False)
        .defer("text")
    )
    newest: list[QuestionnaireVersion] = list(visible.order_by("-pk")[:MOST_TEXTS])
    return [(str(one.pk), f"{one}, {one.get_state_display().lower()}") for one in newest]
