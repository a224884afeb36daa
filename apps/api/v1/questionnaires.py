"""Questionnaires: what is asked now, every version with its text, what differs, and new drafts.

People propose, sign and publish them in the browser.
"""

from django.http import Http404, HttpResponse
from ninja import Router

from apps.api.callers import Call
from apps.api.describing import YAML
from apps.api.v1.answers.questionnaires import (
    DifferenceAnswer,
    QuestionnaireAnswer,
    QuestionnaireComparison,
    QuestionnaireLine,
    Questionnaires,
    QuestionnaireVersionAnswer,
    QuestionnaireVersionLine,
    QuestionnaireVersionPage,
)
from apps.api.v1.asked.common import Limit
from apps.api.v1.asked.questionnaires import NewQuestionnaire
from apps.core.actors import Actor
from apps.core.inputs import MOST_INTEGER
from apps.core.paging import Order
from apps.risk import offered, questionnaire_queries, questionnaire_standing
from apps.risk.models import QuestionnaireVersion
from apps.risk.operations import questionnaires as operations
from apps.risk.questionnaires import Questionnaire

router = Router(tags=["questionnaires"])
NEWEST_FIRST = Order(("id",))
_ONE = "/questionnaires/{kind}"
_VERSION = f"{_ONE}/versions/{{int:questionnaire}}"


@router.get("/questionnaires", url_name="questionnaires", response=Questionnaires)
def list_questionnaires(request: Call) -> Questionnaires:  # noqa: ARG001 - the framework's
    """List what is asked now: the newest that come with Signet, and those of the organization."""
    asked = [QuestionnaireLine.of(one) for one in offered.offered()]
    return Questionnaires(questionnaires=asked)


@router.post(
    "/questionnaires", url_name="questionnaires", response={201: QuestionnaireVersionAnswer}
)
def upload_questionnaire(request: Call, asked: NewQuestionnaire) -> QuestionnaireVersionAnswer:
    """Begin a draft with a text; everything that is wrong with it is said at once.

    Compare it with the last version that was asked; people take it on from there in the browser.
    """
    draft = operations.draft_questionnaire(by=request.actor, reason=asked.reason, text=asked.text)
    return _whole(draft)


@router.get(_ONE, url_name="questionnaire", response=QuestionnaireAnswer)
def show_questionnaire(request: Call, kind: str) -> QuestionnaireAnswer:  # noqa: ARG001 - as above
    """Show the version of a questionnaire that is asked now: each question, when it is asked, by
    which sources, and what follows from the answers."""
    return QuestionnaireAnswer.whole(_asked(kind))


@router.get(f"{_ONE}/text", url_name="questionnaire_text", openapi_extra=YAML)
def give_text(request: Call, kind: str) -> HttpResponse:  # noqa: ARG001 - as above
    """Give the text of the version that is asked now."""
    return _as_yaml(_asked(kind).text)


@router.get(
    f"{_ONE}/versions", url_name="questionnaire_versions", response=QuestionnaireVersionPage
)
def list_versions(
    request: Call, kind: str, limit: Limit = 100, page: str = ""
) -> QuestionnaireVersionPage:
    """List the versions of a questionnaire that are or were asked, the newest first.

    Who writes questionnaires sees drafts too. What comes with Signet has a version here once it is
    first assessed by.
    """
    visible = questionnaire_queries.questionnaires_visible_to(request.actor)
    versions = visible.filter(questionnaire_id=kind)
    bound_to = f"versions of {kind} for {request.actor.id}"
    rows = NEWEST_FIRST.page(versions, size=limit, mark=page, bound_to=bound_to)
    if not rows.rows:
        _asked(kind)  # what is neither asked nor kept is not there
    lines = [QuestionnaireVersionLine.of(one) for one in rows.rows]
    return QuestionnaireVersionPage(versions=lines, next=rows.older or None)


@router.get(_VERSION, url_name="questionnaire_version", response=QuestionnaireVersionAnswer)
def show_version(request: Call, kind: str, questionnaire: int) -> QuestionnaireVersionAnswer:
    """Show one version: all it says, and who signed it."""
    return _whole(_version(request.actor, kind, questionnaire))


@router.get(f"{_VERSION}/text", url_name="questionnaire_version_text", openapi_extra=YAML)
def give_version_text(request: Call, kind: str, questionnaire: int) -> HttpResponse:
    """Give the text of one version, as it was signed."""
    return _as_yaml(_version(request.actor, kind, questionnaire).text)


@router.get(
    f"{_VERSION}/comparison", url_name="compare_questionnaire", response=QuestionnaireComparison
)
def compare_version(request: Call, kind: str, questionnaire: int) -> QuestionnaireComparison:
    """Say in words what a version says otherwise than the last one that was asked before it."""
    version = _version(request.actor, kind, questionnaire)
    before = questionnaire_queries.before(version)
    asked = offered.asked_of(version)
    found = questionnaire_standing.differences_from(before, asked)
    return QuestionnaireComparison(
        number=version.pk,
        before=QuestionnaireVersionLine.of(before) if before else None,
        differences=[DifferenceAnswer.of(one) for one in found],
    )


def _asked(kind: str) -> Questionnaire:
    found = offered.newest(kind)
    if found is None:
        raise Http404
    return found


def _version(actor: Actor, kind: str, number: int) -> QuestionnaireVersion:
    """Return a version the actor may see."""
    if number > MOST_INTEGER:
        raise Http404
    visible = questionnaire_queries.questionnaires_visible_to(actor)
    found = visible.filter(questionnaire_id=kind, pk=number).first()
    if found is None:
        raise Http404
    return found


def _whole(version: QuestionnaireVersion) -> QuestionnaireVersionAnswer:
    asked = offered.asked_of(version)
    return QuestionnaireVersionAnswer.whole(version, asked, version.sign_offs.order_by("pk"))


def _as_yaml(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/yaml; charset=utf-8")
