"""Walks trained models through the real operations, as the people who would."""

from collections.abc import Callable
from dataclasses import asdict

from apps.accounts.actors import actor_for
from apps.accounts.models import User
from apps.approvals.models import PromotionRequest
from apps.catalog import ingest
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.catalog.training import MetricFacts, RunFacts
from apps.console.demo.hands import Hands
from apps.console.demo.people import (
    DEVELOPER,
    OPERATOR,
    OWNER,
    RISK_OFFICER,
    VALIDATOR,
    Part,
)
from apps.console.demo.training import TrainedModel, TrainedVersion
from apps.core.actors import Actor, Door
from apps.validation import operations as validation
from apps.validation import runner

Say = Callable[[str], None]


class Walk:
    """The demo's history, told in order; every step is one operation by one person."""

    def __init__(self, people: dict[Part, User], password: str, say: Say) -> None:
        self._people, self._say = people, say
        self._developer: Actor = actor_for(people[DEVELOPER], door=Door.COMMAND)
        parts = (DEVELOPER, OWNER, VALIDATOR, RISK_OFFICER, OPERATOR)
        self._hands = {part: Hands(part.username, password) for part in parts}

    def register(self, trained: TrainedModel) -> RegisteredModel:
        """Register a model, owned by somebody who does not build it."""
        return catalog.register_model(
            by=self._developer,
            name=trained.name,
            title=trained.title,
            intended_use=trained.purpose,
            out_of_scope_uses=trained.out_of_scope,
            limitations=trained.limitations,
            owner=self._people[OWNER],
            domain=trained.domain,
            method=trained.method,
            flags=("is_ai", *trained.flags),
        )

    def add_version(self, model: RegisteredModel, trained: TrainedVersion) -> ModelVersion:
        """Upload a version's files, register it, and let a worker's code check it."""
        upload = ingest.start_upload(by=self._developer)
        for path in sorted(trained.folder.rglob("*")):
            if path.is_file():
                with path.open("rb") as file:
                    name = path.relative_to(trained.folder).as_posix()
                    ingest.add_file(upload, name, file, by=self._developer)
        version = validation.register_and_check(
            model,
            by=self._developer,
            upload=upload,
            run=_run_facts(trained),
            signature=trained.signature,
            input_example=trained.input_example,
            description=trained.notes,
            framework=trained.framework,
            flavors=trained.flavors,
            python_version=trained.python_version,
            packages=trained.packages,
            change_class=trained.change_class,
        )
        for run in version.check_runs.order_by("pk"):
            runner.execute(run.pk, worker="demo")
        self._say(f"Registered and checked {version}.")
        return version

    def to_staging(self, version: ModelVersion, reason: str) -> None:
        """Bring a version to staging: the owner answers for it, an operator carries it out."""
        request = self.ask(version, Stage.STAGING, reason)
        self.sign(
            request, OWNER, "model_owner", "Frozen for examination by people who did not build it."
        )
        self._hands[OPERATOR].promote(request, reason="Planned freeze")

    def to_production(self, version: ModelVersion, asked: str, found: str, approved: str) -> None:
        """Bring a version to production with the words of everybody who signs."""
        request = self.ask(version, Stage.PRODUCTION, asked)
        self.sign(request, VALIDATOR, "validator", found)
        self.sign(request, RISK_OFFICER, "risk_officer", approved)
        self._hands[OPERATOR].promote(request, reason="Released in the agreed change window")
        self._say(f"Promoted {version} to production.")

    def ask(self, version: ModelVersion, target: Stage, reason: str) -> PromotionRequest:
        """Ask for a promotion as the developer."""
        self._hands[DEVELOPER].request_promotion(
            version.model.name, version.number, target=target.value, reason=reason
        )
        return PromotionRequest.objects.get(
            version=version, target=target, state=PromotionRequest.State.OPEN
        )

    def sign(self, request: PromotionRequest, part: Part, role: str, reason: str) -> None:
        """Sign off as one person in one role."""
        self._hands[part].sign(request, role=role, reason=reason)

    def decline(self, request: PromotionRequest, part: Part, role: str, reason: str) -> None:
        """Decline as one person in one role."""
        self._hands[part].sign(request, role=role, decision="decline", reason=reason)

    def roll_back(self, model: RegisteredModel, reason: str) -> None:
        """Roll a model back as the operator."""
        self._hands[OPERATOR].roll_back(model.name, reason=reason)


def _run_facts(trained: TrainedVersion) -> RunFacts:
    return RunFacts(
        name=f"{trained.folder.parent.name} {trained.number}",
        source=trained.source.path,
        parameters=trained.parameters,
        metrics=tuple(MetricFacts(**asdict(metric)) for metric in trained.metrics),
    )
