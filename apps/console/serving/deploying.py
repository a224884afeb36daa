"""What the page shows that puts a version somewhere: whether it may run there, and what does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from apps.approvals.serving import admission
from apps.approvals.serving.admission import Answer, Candidate
from apps.approvals.serving.operations import rollouts as rules
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.console.serving import words
from apps.console.serving.deploy_forms import WhereForm
from apps.core.actors import Actor
from apps.core.formats import moment
from apps.core.inputs import InputRefused
from apps.deployments import queries, rolling
from apps.deployments.models import Deployment, Environment
from apps.deployments.operations.environments import MAY_RUN
from apps.deployments.rolling import Asked


@dataclass(frozen=True)
class Verdict:
    """Whether a version may run somewhere, and what follows where it may not."""

    environment: Environment
    answer: Answer
    href: str

    @property
    def tone(self) -> str:
        if self.answer.admissible:
            return "good"
        return "warn" if self.answer.admitted else "bad"

    @property
    def icon(self) -> str:
        return {"good": "check", "warn": "triangle-alert", "bad": "x"}[self.tone]

    @property
    def title(self) -> str:
        """Say whether it may, and what becomes of it where it may not."""
        if self.answer.admissible:
            return "It may run there."
        if self.answer.admitted:
            return "It may not run there, and goes through with a reason."
        return "It may not run there, and is refused."

    @property
    def text(self) -> str:
        """Say why not, or until when its authorization lasts."""
        reasons = " ".join(reason.text for reason in self.answer.reasons)
        grant = self.answer.version.newest if self.answer.version else None
        if reasons or grant is None or grant.valid_until is None:
            return reasons
        return f"Authorized until {moment(grant.valid_until, 'full')}."


@dataclass(frozen=True)
class Choice:
    """The version and the environment that are chosen, with what is to run there now."""

    model: RegisteredModel
    form: WhereForm
    version: ModelVersion | None
    environment: Environment | None
    places: Sequence[Environment]

    @classmethod
    def of(cls, model: RegisteredModel, reader: Actor, sent: QueryDict) -> Self:
        """Read what was chosen; what the address leaves out is chosen as one usually would."""
        versions = versions_of(model)
        visible = queries.environments_visible_to(reader).filter(closed_at=None)
        places = list(visible.order_by("name"))
        usual = _usual(versions, places, sent)
        chosen = {name: sent.get(name, "") or usual.get(name, "") for name in usual}
        form = WhereForm(chosen, auto_id="where_%s")
        form.offer(versions, visible.order_by("name"))
        form.is_valid()
        told = form.cleaned_data
        return cls(model, form, told.get("version"), told.get("environment"), places)

    def chosen(self) -> tuple[ModelVersion, Environment]:
        """Return the version and the environment.

        Raises:
            InputRefused: when one of them is not there to be chosen.
        """
        if self.version is None or self.environment is None:
            raise InputRefused("Choose a version of this model and an open environment.")
        return self.version, self.environment

    def running(self) -> list[Asked]:
        """Return what is to run there now."""
        there = Deployment.objects.filter(model=self.model, environment=self.environment)
        known = there.select_related("desired").first()
        return rolling.parts_of(known.desired) if known else []

    def verdicts(self, at: datetime) -> list[Verdict]:
        """Say of every open environment whether the version may run there."""
        version = self.version
        if version is None:
            return []
        candidate = Candidate.of(version, version.authorizations.order_by("-pk").first())
        path = reverse("deployments:deploy", args=[self.model.name])
        return [
            Verdict(
                place,
                admission.judge(
                    candidate,
                    place,
                    digest=version.content_digest,
                    at=at,
                    holds=settings.ADMISSION_HOLDS,
                ),
                f"{path}?version={version.number}&environment={place.name}",
            )
            for place in self.places
        ]


def versions_of(model: RegisteredModel) -> QuerySet[ModelVersion]:
    """Return the versions that can run anywhere: what is archived runs nowhere."""
    rows = model.versions.filter(deleted_at=None, stage__in=MAY_RUN)
    return rows.select_related("model").order_by("-number")


def page_of(choice: Choice, reader: Actor, *, at: datetime) -> dict[str, Any]:
    """Return what the page shows beside its form."""
    verdicts = choice.verdicts(at)
    chosen = next((one for one in verdicts if one.environment == choice.environment), None)
    return {
        "model": choice.model,
        "where": choice.form,
        "version": choice.version,
        "environment": choice.environment,
        "verdict": chosen,
        "others": [one for one in verdicts if one is not chosen],
        "running": [words.of_part(part) for part in choice.running()] if chosen else [],
        "has_places": bool(choice.places),
        "has_versions": bool(choice.version) or versions_of(choice.model).exists(),
        "why_not": why_not(choice.model, reader),
        "why_refused": _why_refused(chosen),
        "crumbs": [
            ("Models", reverse("models:list")),
            (choice.model.name, choice.model.get_absolute_url()),
        ],
    }


def why_not(model: RegisteredModel, reader: Actor) -> str:
    """Say what keeps somebody from putting versions anywhere; nothing when nothing does."""
    return "" if reader.may(rules.DEPLOY.permission, model) else rules.DEPLOY.refusal


def _why_refused(verdict: Verdict | None) -> str:
    """Say that the environment would refuse it, so that nobody tries in vain."""
    if verdict is None or verdict.answer.admitted:
        return ""
    return f"{verdict.environment} prevents what may not run there."


def _usual(
    versions: QuerySet[ModelVersion], places: Sequence[Environment], sent: QueryDict
) -> dict[str, str]:
    """Return the version in production, else the newest, and the first place that admits it."""
    asked = sent.get("version", "")
    rows = versions.filter(number=int(asked)) if asked.isascii() and asked.isdigit() else versions
    serving = rows.filter(stage=Stage.PRODUCTION).first() or rows.first()
    stage = serving.stage if serving else ""
    place = next((one for one in places if stage in one.admits), places[0] if places else None)
    return {
        "version": str(serving.number) if serving else "",
        "environment": place.name if place else "",
    }
