"""What the list of deployments shows: models by environment, filtered as the address says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.approvals.serving import standing
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.console.serving import cells
from apps.console.serving.cells import Cell
from apps.console.serving.environments import coverage_in_words, trouble_of, why_not_manage
from apps.core import links
from apps.core.paging import Order
from apps.deployments import queries, sighting_queries
from apps.deployments.drift import State
from apps.deployments.models import Deployment, Environment, Rollout
from apps.deployments.sighting_queries import Coverage

PAGE_SIZE = 50
BY_NAME = Order(("name", "id"), least_first=True)
MOST_JUDGED = 2000
"""How many deployments are judged to find those of one state; the page says when there are more."""
CUT = (
    f"Only the first {MOST_JUDGED:,} deployments by name were judged. Narrow the list to an "
    "environment to reach the others."
)
TEXT, PLACE, STATE, WAITS = "q", "environment", "state", "rollout"
NAMES = (TEXT, PLACE, STATE, WAITS)
UNDER_WAY = "waits"


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    text: str
    place: str
    state: State | None
    is_under_way: bool

    @classmethod
    def of(cls, request: ActorRequest) -> Self:
        """Read the address; what is no state there is asks for nothing."""
        state = links.asked(request, STATE)
        return cls(
            links.asked(request, TEXT),
            links.asked(request, PLACE),
            State(state) if state in State.values else None,
            links.asked(request, WAITS) == UNDER_WAY,
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.place or self.state or self.is_under_way)


@dataclass(frozen=True)
class Line:
    """A model with its deployment in each environment, in the order of the columns."""

    model: RegisteredModel
    places: Sequence[tuple[Environment, Cell | None]]


def listing(request: ActorRequest) -> dict[str, Any]:
    """Return what the matrix shows."""
    at, asked = now(), Asked.of(request)
    visible = queries.environments_visible_to(request.actor).filter(closed_at=None)
    places = list(visible.select_related("look"))
    places.sort(key=lambda one: (str(one).lower(), one.name))
    columns = [one for one in places if asked.place in {"", one.name}]
    there = _placed(request, columns)
    found = links.page_of(request, _models(there, asked, at), BY_NAME, PAGE_SIZE)
    return {
        "asked": asked,
        "columns": _heads(request, columns, at),
        "lines": _lines(found.rows, columns, there, at),
        "kept": [(name, links.asked(request, name)) for name in (PLACE, STATE, WAITS)],
        "facets": _facets(request, places, asked),
        "clear": request.path if asked.is_narrowed else "",
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "has_places": bool(places),
        "cut": CUT if _is_cut(there, asked) else "",
        "create_url": reverse("deployments:create_environment"),
        "why_not_create": why_not_manage(request.actor),
    }


def _placed(request: ActorRequest, columns: Sequence[Environment]) -> QuerySet[Deployment]:
    return queries.deployments_visible_to(request.actor).filter(environment__in=columns)


def _models(there: QuerySet[Deployment], asked: Asked, at: datetime) -> QuerySet[RegisteredModel]:
    """Return the models that have a deployment as the address asks for it."""
    if asked.is_under_way:
        there = there.filter(desired__state__in=Rollout.WAITING)
    if asked.state is not None:
        there = there.filter(pk__in=_of_state(there, asked.state, at))
    models: QuerySet[RegisteredModel] = RegisteredModel.objects.filter(
        Exists(there.filter(model=OuterRef("pk")))
    )
    if asked.text:
        models = models.filter(Q(name__icontains=asked.text) | Q(title__icontains=asked.text))
    return models


def _of_state(there: QuerySet[Deployment], state: State, at: datetime) -> list[int]:
    """Return which of some deployments are in a state: it is judged, and stands in no column."""
    judged = standing.of_deployments(_to_judge(there), at=at)
    return [pk for pk, stands in judged.items() if stands.drift.state == state]


def _to_judge(there: QuerySet[Deployment]) -> list[Deployment]:
    return list(there.order_by("model__name", "pk").only("pk")[:MOST_JUDGED])


def _is_cut(there: QuerySet[Deployment], asked: Asked) -> bool:
    """Say whether more deployments are there than are judged to find those of a state."""
    return asked.state is not None and there.count() > MOST_JUDGED


def _heads(
    request: ActorRequest, columns: Sequence[Environment], at: datetime
) -> list[dict[str, Any]]:
    """Return the heads of the columns; how much is seen there is nothing an exam grants."""
    is_exam = catalog.exam_limits_of(request.actor) is not None
    covered = {} if is_exam else sighting_queries.coverage_of(columns, at=at)
    return [_head(one, covered.get(one.pk), is_exam=is_exam) for one in columns]


def _head(place: Environment, covered: Coverage | None, *, is_exam: bool) -> dict[str, Any]:
    coverage = coverage_in_words(covered) if covered else ""
    trouble = "" if is_exam else trouble_of(place)
    return {
        "environment": place,
        "href": "" if is_exam else place.get_absolute_url(),
        "coverage": coverage,
        "trouble": trouble,
        "told": f"{coverage}. {trouble}" if trouble else coverage,
        "icon": "triangle-alert" if trouble else "server",
        "tone": "warn" if trouble else "idle",
    }


def _lines(
    models: Iterable[RegisteredModel],
    columns: Sequence[Environment],
    there: QuerySet[Deployment],
    at: datetime,
) -> list[Line]:
    rows = list(models)
    told = cells.of_deployments(there.filter(model__in=rows).only("pk"), at=at)
    found: Mapping[tuple[int, int], Cell] = {
        (cell.deployment.model_id, cell.deployment.environment_id): cell for cell in told.values()
    }
    return [
        Line(model, [(place, found.get((model.pk, place.pk))) for place in columns])
        for model in rows
    ]


def _facets(
    request: ActorRequest, places: Sequence[Environment], asked: Asked
) -> list[dict[str, Any]]:
    """Return the filters as links; the chosen one takes itself back."""
    state = asked.state.value if asked.state else ""
    waits = UNDER_WAY if asked.is_under_way else ""
    groups = (
        ("Environment", PLACE, asked.place, [(one.name, str(one)) for one in places]),
        ("How it stands", STATE, state, [(one.value, str(one.label)) for one in State]),
        ("Rollout", WAITS, waits, [(UNDER_WAY, "Under way")]),
    )
    return [
        {
            "title": title,
            "options": [
                {
                    "label": label,
                    "current": value == chosen,
                    "url": links.with_query(request, **{name: "" if value == chosen else value}),
                }
                for value, label in options
            ],
        }
        for title, name, chosen, options in groups
    ]
