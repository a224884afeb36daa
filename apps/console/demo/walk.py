"""Walks trained models through the real operations, as the people who would."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.urls import reverse

from apps.accounts.actors import actor_for
from apps.accounts.models import User
from apps.approvals.models import PromotionRequest
from apps.catalog import ingest, prompts
from apps.catalog import operations as catalog
from apps.catalog.inventory.sheets import Subject
from apps.catalog.lifecycle import Stage
from apps.catalog.lineage import End
from apps.catalog.models import (
    Asset,
    Experiment,
    LineageEdge,
    ModelVersion,
    RegisteredModel,
    Run,
    ThirdParty,
    UseCase,
)
from apps.catalog.operations import AssetFacts
from apps.catalog.sources import Claim
from apps.catalog.tracking.experiments import create_experiment
from apps.catalog.training import MetricFacts, RunFacts
from apps.console.demo import tracked
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
from apps.risk import noticing
from apps.risk.operations import assessment_aging
from apps.validation import operations as validation
from apps.validation import runner
from apps.validation.checks.contract import Problem
from apps.validation.models import Breach, Document, EvidenceItem, MonitoringSeries
from apps.validation.operations.evidence import Subject as AboutEvidence
from apps.validation.operations.measurements import Measured
from apps.validation.posted import PostedResult

Say = Callable[[str], None]

MEDIA_TYPES = {
    "": "application/yaml",
    ".json": "application/json",
    ".md": "text/markdown",
    ".txt": "text/plain",
}
"""What the files beside a model are; MLmodel, without a suffix, is YAML."""


class Walk:
    """The demo's history, told in order; every step is one operation by one person."""

    def __init__(self, people: dict[Part, User], password: str, say: Say) -> None:
        self._people, self.say, self._password = people, say, password
        self._developer: Actor = self.actor(DEVELOPER)
        self._hands: dict[Part, Hands] = {}

    def person(self, part: Part) -> User:
        """Return the account of one person."""
        return self._people[part]

    def actor(self, part: Part) -> Actor:
        """Return one person as who carries an operation out."""
        return actor_for(self._people[part], door=Door.COMMAND)

    def hands(self, part: Part) -> Hands:
        """Return the browser session of one person, signed in when it is first needed."""
        if part not in self._hands:
            self._hands[part] = Hands(part.username, self._password)
        return self._hands[part]

    def register(self, trained: TrainedModel, description: str, **tags: str) -> RegisteredModel:
        """Register a model, owned by somebody who does not build it."""
        return catalog.register_model(
            by=self._developer,
            name=trained.name,
            title=trained.title,
            description=description,
            tags=tags,
            intended_use=trained.purpose,
            out_of_scope_uses=trained.out_of_scope,
            limitations=trained.limitations,
            owner=self._people[OWNER],
            domain=trained.domain,
            method=trained.method,
            flags=("is_ai", *trained.flags),
        )

    def register_prompt(self, **facts: Any) -> RegisteredModel:
        """Register a prompt as an MLflow client does, owned by somebody who does not write it."""
        return catalog.register_model(
            by=self._developer,
            kind=RegisteredModel.Kind.PROMPT,
            owner=self._people[OWNER],
            tags={prompts.IS_PROMPT: "true"},
            **facts,
        )

    def register_bought(self, **facts: Any) -> RegisteredModel:
        """Register a model that a supplier runs, owned by somebody who uses it."""
        return catalog.register_model(by=self._developer, owner=self._people[OWNER], **facts)

    def experiment(self, name: str) -> Experiment:
        """Create an experiment for runs that are recorded as they happen."""
        return create_experiment(name, by=self._developer)

    def add_text(
        self, model: RegisteredModel, tags: Mapping[str, str], description: str
    ) -> ModelVersion:
        """Register the next text of a prompt, and let a worker's code check it."""
        version = validation.register_source_and_check(
            model,
            Claim("dummy-source"),
            by=self._developer,
            tags={prompts.IS_PROMPT: "true", **tags},
            description=description,
        )
        return self._checked(version)

    def add_version(
        self,
        model: RegisteredModel,
        trained: TrainedVersion,
        *,
        base: ModelVersion | None = None,
        within: Experiment | None = None,
    ) -> ModelVersion:
        """Upload a version's files, register it, and let a worker's code check it.

        Within an experiment its run is recorded first, as an MLflow client does.
        """
        run: Run | RunFacts = (
            _run_facts(trained)
            if within is None
            else tracked.record(trained, within, by=self._developer)
        )
        upload = ingest.start_upload(by=self._developer)
        for path in sorted(trained.folder.rglob("*")):
            if path.is_file():
                with path.open("rb") as file:
                    name = path.relative_to(trained.folder).as_posix()
                    ingest.add_file(
                        upload, name, file, by=self._developer, media_type=_media_type(path)
                    )
        version = validation.register_and_check(
            model,
            by=self._developer,
            upload=upload,
            run=run,
            base_version=base,
            signature=trained.signature,
            input_example=trained.input_example,
            description=trained.notes,
            framework=trained.framework,
            flavors=trained.flavors,
            python_version=trained.python_version,
            packages=trained.packages,
            change_class=trained.change_class,
        )
        return self._checked(version)

    def _checked(self, version: ModelVersion) -> ModelVersion:
        _carry_out_checks(version)
        self.say(f"Registered and checked {version}.")
        return version

    def name(self, version: ModelVersion, alias: str) -> None:
        """Give a version a name that moves, as the developer."""
        catalog.set_alias(version.model, alias, version, by=self._developer)

    def tag(self, version: ModelVersion, key: str, value: str) -> None:
        """Give a version a tag, as the developer."""
        catalog.set_version_tag(version, key, value, by=self._developer)

    def declare(self, kind: Asset.Kind, name: str, facts: AssetFacts, **identity: str) -> Asset:
        """Declare an asset, as the developer."""
        return catalog.declare_asset(
            by=self._developer, kind=kind, name=name, facts=facts, **identity
        )

    def join(self, origin: End, target: End, relation: str, *, is_inferred: bool = False) -> None:
        """Say that something flows from one thing to another, as the developer."""
        sources = LineageEdge.Source
        source = sources.INFERRED if is_inferred else sources.DECLARED
        catalog.declare_edge(origin, target, relation, by=self._developer, source=source)

    def add_use(self, model: RegisteredModel, title: str) -> UseCase:
        """Add a use of a model, as its owner."""
        return catalog.add_use_case(model, by=self.actor(OWNER), title=title)

    def add_supplier(self, model: RegisteredModel, title: str) -> ThirdParty:
        """Add a supplier relationship of a model, as its owner."""
        return catalog.add_third_party(model, by=self.actor(OWNER), title=title)

    def fill_in(self, subject: Subject, part: Part, values: Mapping[str, object]) -> None:
        """Record what one person knows of something in the inventory."""
        catalog.record_values(subject, values, by=self.actor(part))

    def write_document(
        self, version: ModelVersion, template: str, sections: Mapping[str, Mapping[str, object]]
    ) -> Document:
        """Begin a document about a version, and write sections of it, as the developer."""
        document = validation.start_document(version, template, by=self._developer)
        for section, values in sections.items():
            validation.save_section(document, section, values, by=self._developer)
        return document

    def sign_document(self, document: Document, signers: Mapping[Part, str]) -> None:
        """Submit a document, and have everybody sign who has to, each in one role."""
        validation.submit_document(document, by=self._developer)
        for part, role in signers.items():
            self.hands(part).sign_document(document, role=role)

    def give(self, subject: AboutEvidence, type_id: str, part: Part, **said: Any) -> EvidenceItem:
        """Give evidence, as one person."""
        return validation.add_evidence(subject, type_id, by=self.actor(part), **said)

    def verify(self, item: EvidenceItem, part: Part) -> None:
        """Stand by evidence somebody else gave, as one person."""
        self.hands(part).verify(item)

    def watch(self, model: RegisteredModel, **typed: str) -> MonitoringSeries:
        """Begin to watch a metric of a model, as the operator."""
        self.hands(OPERATOR).watch(model.name, owner=str(self._people[OWNER].pk), **typed)
        return MonitoringSeries.objects.get(model=model, metric=typed["metric"])

    def measure(self, series: MonitoringSeries, points: Sequence[Measured]) -> None:
        """Post measured values, as the operator's job."""
        validation.post_points(series, points, by=self.actor(OPERATOR))

    def expect_check(self, part: Part, name: str, **said: Any) -> None:
        """Expect a tool outside to post the result of a check, as one person."""
        validation.expect_external_check(name, by=self.actor(part), **said)

    def post_failure(
        self, version: ModelVersion, check: str, part: Part, problem: Problem, **said: Any
    ) -> None:
        """Post that a tool outside found a problem, as one person's job."""
        examined = version.content_digest
        result = PostedResult(state="failed", examined=examined, problems=[problem], **said)
        validation.post_result(version, check, result, by=self.actor(part))

    def notice(self) -> None:
        """Let a worker's code raise findings, and make stale what has to be judged anew."""
        noticing.notice_findings()
        assessment_aging.make_overtaken_stale()

    def answer_for(self, breach: Breach, reason: str) -> None:
        """Say what a breach was, as the operator."""
        self.hands(OPERATOR).answer_for(breach, reason=reason)

    def to_staging(self, version: ModelVersion, reason: str) -> None:
        """Bring a version to staging: the owner answers for it, an operator carries it out."""
        request = self.ask(version, Stage.STAGING, reason)
        self.sign(
            request, OWNER, "model_owner", "Frozen for examination by people who did not build it."
        )
        self.hands(OPERATOR).promote(request, reason="Planned freeze")

    def to_production(self, version: ModelVersion, asked: str, found: str, approved: str) -> None:
        """Bring a version to production with the words of everybody who signs."""
        request = self.ask(version, Stage.PRODUCTION, asked)
        self.sign(request, VALIDATOR, "validator", found)
        self.sign(request, RISK_OFFICER, "risk_officer", approved)
        self.hands(OPERATOR).promote(request, reason="Released in the agreed change window")
        self.say(f"Promoted {version} to production.")

    def ask(self, version: ModelVersion, target: Stage, reason: str) -> PromotionRequest:
        """Ask for a promotion as the developer; every check concludes before anyone signs."""
        self.hands(DEVELOPER).request_promotion(
            version.model.name, version.number, target=target.value, reason=reason
        )
        _carry_out_checks(version)
        return PromotionRequest.objects.get(
            version=version, target=target, state=PromotionRequest.State.OPEN
        )

    def answer_warnings(self, request: PromotionRequest, note: str) -> None:
        """Say why a promotion is asked for although its gate warns, as the developer."""
        path = reverse("approvals:note_warnings", args=[request.pk])
        self.hands(DEVELOPER).fill_in(path, **{"note-reason": note})

    def sign(self, request: PromotionRequest, part: Part, role: str, reason: str) -> None:
        """Sign off as one person in one role."""
        self.hands(part).sign(request, role=role, reason=reason)

    def decline(self, request: PromotionRequest, part: Part, role: str, reason: str) -> None:
        """Decline as one person in one role."""
        self.hands(part).sign(request, role=role, decision="decline", reason=reason)

    def roll_back(self, model: RegisteredModel, reason: str) -> None:
        """Roll a model back as the operator."""
        self.hands(OPERATOR).roll_back(model.name, reason=reason)


def _carry_out_checks(version: ModelVersion) -> None:
    """Carry out what waits for a worker, since none is there yet."""
    for run in version.check_runs.waiting().order_by("pk"):
        runner.execute(run.pk, worker="demo")


def _media_type(path: Path) -> str:
    return MEDIA_TYPES.get(path.suffix, "application/octet-stream")


def _run_facts(trained: TrainedVersion) -> RunFacts:
    return RunFacts(
        name=f"{trained.folder.parent.name} {trained.number}",
        source=trained.source.path,
        parameters=trained.parameters,
        metrics=tuple(MetricFacts(**asdict(metric)) for metric in trained.metrics),
    )
