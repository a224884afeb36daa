"""What stands around a decision: where the version is, its checks, and what the model is for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from apps.approvals.cases import Case
from apps.approvals.dossier import Dossier
from apps.approvals.models import PromotionRequest
from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.validation.checks.contract import counted
from apps.validation.models import CheckRun
from apps.validation.standings import Progress, Standing, standings

STATE_TONES = {
    PromotionRequest.State.OPEN: "info",
    PromotionRequest.State.PROMOTED: "good",
    PromotionRequest.State.DECLINED: "bad",
    PromotionRequest.State.WITHDRAWN: "idle",
    PromotionRequest.State.LAPSED: "idle",
}
REPLACES = {
    PromotionRequest.State.OPEN: "Replaces",
    PromotionRequest.State.PROMOTED: "Replaced",
}


def stage_strip(request: PromotionRequest) -> list[dict[str, str]]:
    """Return the lifecycle with where the version stands and where it would go."""
    here, order = Stage(request.version.stage), list(Stage)
    strip = []
    for stage in order:
        state = "past" if order.index(stage) < order.index(here) else ""
        if stage == here:
            state = "current"
        elif request.is_open and stage == request.target:
            state = "next"
        strip.append({"label": str(stage.label), "state": state})
    return strip


@dataclass(frozen=True)
class Checks:
    """How the checks stand: those that ran or the gate asks for, and those that it leaves out."""

    standings: list[Standing]
    words: str
    left_out: list[Standing]

    @property
    def fold(self) -> str:
        """What stands on the fold over the checks that did not run and need not."""
        rest = counted(len(self.left_out), "check")
        return f"{rest} that the gate does not ask for did not run"


def checks(case: Case) -> Checks:
    """Return every check: as it stands now, or as it was signed once the request is decided."""
    version, is_open = case.request.version, case.request.is_open
    runs = case.runs if is_open else _signed_runs(case)
    for run in runs.values():
        run.version = version
    found = standings(version, runs, case.judged_by if is_open else None)
    asked = case.gate.checks
    shown = [one for one in found if one.run or one.name in asked]
    left_out = [one for one in found if one not in shown]
    return Checks(shown, _passed(found, asked) if is_open else _decided_on(found), left_out)


def _passed(found: Sequence[Standing], asked: Collection[str]) -> str:
    """Count as the inbox does: what the gate reads, or what ran when it reads nothing."""
    if not asked:
        return Progress.of(found).words or "none was run"
    passed = [one for one in found if one.name in asked and one.state == CheckRun.State.PASSED]
    return f"{len(passed)} of {len(asked)} the gate asks for passed"


def _decided_on(found: Sequence[Standing]) -> str:
    return f"{Progress.of(found).words or 'none was run'}, as decided on"


def _signed_runs(case: Case) -> Mapping[str, CheckRun]:
    """Return the runs named by the dossier that was signed last; today's when nobody signed."""
    if not case.sign_offs:
        return case.runs
    signed = Dossier.from_text(case.sign_offs[-1].dossier)
    ids = [int(check.run.rpartition("_")[2]) for check in signed.checks]
    return {run.check_name: run for run in CheckRun.objects.filter(pk__in=ids)}


def card(model: RegisteredModel) -> list[tuple[str, str]]:
    """Return what a model says it is for, each part under its heading."""
    parts = [
        ("Intended use", model.intended_use),
        ("Out of scope", model.out_of_scope_uses),
        ("Limitations", model.limitations),
        ("Declared", "; ".join(_flags(model))),
    ]
    return [(title, text) for title, text in parts if text]


def _flags(model: RegisteredModel) -> list[str]:
    return [str(model.Flag(flag).label) for flag in model.flags if flag in model.Flag]
