"""What the record calls ``ver_12`` and ``usr_7``, in names people know, read for many at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from apps.accounts.models import ApiToken, Duty, Team, TeamMembership, User
from apps.approvals.models import (
    Authorization,
    Emergency,
    LegalHold,
    PromotionRequest,
    Retirement,
    RuleBreach,
    SignOff,
    SignOffWithdrawal,
    Waiver,
)
from apps.audit.timeline import TimelineEntry
from apps.catalog.models import (
    Alias,
    Asset,
    LineageEdge,
    ModelDuty,
    ModelSheet,
    ModelTag,
    ModelVersion,
    OwnField,
    RegisteredModel,
    ThirdParty,
    UseCase,
    VersionSheet,
    VersionTag,
)
from apps.console.queries import exam_names, judged_names, outside_names, served_names
from apps.console.queries.named import Found, Named, Reader
from apps.integrations.models import Webhook
from apps.validation import checks
from apps.validation.models import Breach, CheckRun, EvidenceItem, MonitoringSeries

REGISTRY = "registry:registry"
PARTS_OF_SIGNET = {"worker": "Worker", "system": "Signet", "anonymous": "Nobody signed in"}


@dataclass(frozen=True)
class Names:
    """The names of all that some entries mention."""

    known: Mapping[str, Found]

    @classmethod
    def of(cls, entries: Iterable[TimelineEntry], *refs: str) -> "Names":
        """Read what entries, and further references, mention: one query for each kind of thing."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for ref in (*refs, *(ref for entry in entries for ref in _mentions(entry))):
            word, pk = _split(ref)
            if word in READERS and pk is not None:
                wanted[word].add(pk)
        return cls({word: READERS[word](pks) for word, pks in wanted.items()})

    def of_ref(self, ref: str) -> Named:
        """Return the name of a reference (``version:ver_12``); an unknown one stays as it is."""
        if ref == REGISTRY:
            return Named("the registry")
        word, pk = _split(ref)
        if word == "event":
            return Named("an entry", reverse("audit:entry", args=[ref.partition(":")[2]]))
        found = self.known.get(word, {}).get(pk) if pk is not None else None
        return found or Named(ref.partition(":")[2] or ref)

    def of_actor(self, actor_id: str) -> str:
        """Return who ``usr_7`` or ``worker`` is."""
        return PARTS_OF_SIGNET.get(actor_id) or self.of_ref(f"user:{actor_id}").label


def _mentions(entry: TimelineEntry) -> Iterable[str]:
    yield f"user:{entry.actor['id']}"
    yield f"{entry.subject['type']}:{entry.subject['id']}"


def _split(ref: str) -> tuple[str, int | None]:
    word, _, record_id = ref.partition(":")
    number = record_id.rpartition("_")[2]
    return word, int(number) if number.isascii() and number.isdigit() else None


def _users(pks: set[int]) -> Found:
    return {user.pk: Named(str(user)) for user in User.objects.filter(pk__in=pks)}


def _teams(pks: set[int]) -> Found:
    return {team.pk: Named(team.name) for team in Team.objects.filter(pk__in=pks)}


def _memberships(pks: set[int]) -> Found:
    rows = TeamMembership.objects.filter(pk__in=pks).select_related("user", "team")
    return {row.pk: Named(str(row)) for row in rows}


def _duties(pks: set[int]) -> Found:
    rows = Duty.objects.filter(pk__in=pks).select_related("user", "team")
    return {row.pk: Named(f"{row.holder} as {row.get_role_display()} everywhere") for row in rows}


def _tokens(pks: set[int]) -> Found:
    return {token.pk: Named(str(token)) for token in ApiToken.objects.filter(pk__in=pks)}


def _models(pks: set[int]) -> Found:
    rows = RegisteredModel.objects.filter(pk__in=pks)
    return {row.pk: Named(row.name, row.get_absolute_url()) for row in rows}


def _model_duties(pks: set[int]) -> Found:
    rows = ModelDuty.objects.filter(pk__in=pks).select_related("user", "team", "model")
    return {
        row.pk: Named(
            f"{row.holder} as {row.get_role_display()} of {row.model.name}",
            row.model.get_absolute_url(),
        )
        for row in rows
    }


def _versions(pks: set[int]) -> Found:
    rows = ModelVersion.objects.filter(pk__in=pks).select_related("model")
    return {row.pk: Named(str(row), row.get_absolute_url()) for row in rows}


def _aliases(pks: set[int]) -> Found:
    rows = Alias.objects.filter(pk__in=pks).select_related("version__model")
    return {
        row.pk: Named(f"{row} on {row.version}", row.version.get_absolute_url()) for row in rows
    }


def _model_tags(pks: set[int]) -> Found:
    rows = ModelTag.objects.filter(pk__in=pks).select_related("model")
    return {
        row.pk: Named(f"{row.key} on {row.model}", row.model.get_absolute_url()) for row in rows
    }


def _version_tags(pks: set[int]) -> Found:
    rows = VersionTag.objects.filter(pk__in=pks).select_related("version__model")
    return {
        row.pk: Named(f"{row.key} on {row.version}", row.version.get_absolute_url()) for row in rows
    }


def _check_runs(pks: set[int]) -> Found:
    rows = CheckRun.objects.filter(pk__in=pks).select_related("version__model")
    return {row.pk: Named(_check_label(row), row.get_absolute_url()) for row in rows}


def _check_label(run: CheckRun) -> str:
    known = checks.named_or_none(run.check_name)
    return f"{known.title if known else run.check_name} on {run.version}"


def _requests(pks: set[int]) -> Found:
    rows = PromotionRequest.objects.filter(pk__in=pks).select_related("version__model")
    return {row.pk: Named(_request_label(row), row.get_absolute_url()) for row in rows}


def _request_label(request: PromotionRequest) -> str:
    return f"{request.version} to {request.get_target_display().lower()}"


def _sign_offs(pks: set[int]) -> Found:
    rows = SignOff.objects.filter(pk__in=pks).select_related("request__version__model")
    return {row.pk: Named(_sign_off_label(row), row.request.get_absolute_url()) for row in rows}


def _sign_off_label(signed: SignOff) -> str:
    return f"the sign-off as {signed.get_role_display()} on {_request_label(signed.request)}"


def _withdrawals(pks: set[int]) -> Found:
    rows = SignOffWithdrawal.objects.filter(pk__in=pks).select_related(
        "sign_off__request__version__model"
    )
    return {
        row.pk: Named(_sign_off_label(row.sign_off), row.sign_off.request.get_absolute_url())
        for row in rows
    }


def _assets(pks: set[int]) -> Found:
    rows = Asset.objects.filter(pk__in=pks)
    return {row.pk: Named(str(row), row.get_absolute_url()) for row in rows}


def _lineage_edges(pks: set[int]) -> Found:
    """Return each edge by the end it belongs to; the other may be hidden from who reads this."""
    rows = LineageEdge.objects.filter(pk__in=pks).select_related(
        "target_asset", "target_version__model", "origin_version__model"
    )
    ends = {row.pk: row.target_version or row.origin_version or row.target for row in rows}
    return {pk: Named(str(end), end.get_absolute_url()) for pk, end in ends.items()}


def _webhooks(pks: set[int]) -> Found:
    return {webhook.pk: Named(str(webhook)) for webhook in Webhook.objects.filter(pk__in=pks)}


def _model_sheets(pks: set[int]) -> Found:
    rows = ModelSheet.objects.filter(pk__in=pks).select_related("model")
    return {row.pk: Named(str(row), _inventory_of(row.model)) for row in rows}


def _version_sheets(pks: set[int]) -> Found:
    rows = VersionSheet.objects.filter(pk__in=pks).select_related("version__model")
    return {row.pk: Named(str(row), row.version.get_absolute_url()) for row in rows}


def _use_cases(pks: set[int]) -> Found:
    rows = UseCase.objects.filter(pk__in=pks).select_related("model")
    return {row.pk: Named(f"{row} of {row.model}", row.get_absolute_url()) for row in rows}


def _third_parties(pks: set[int]) -> Found:
    rows = ThirdParty.objects.filter(pk__in=pks).select_related("model")
    return {row.pk: Named(f"{row} for {row.model}", row.get_absolute_url()) for row in rows}


def _own_fields(pks: set[int]) -> Found:
    return {row.pk: Named(row.label) for row in OwnField.objects.filter(pk__in=pks)}


def _evidence(pks: set[int]) -> Found:
    rows = EvidenceItem.objects.filter(pk__in=pks).select_related("model")
    return {row.pk: Named(row.title, row.get_absolute_url()) for row in rows}


def _series(pks: set[int]) -> Found:
    rows = MonitoringSeries.objects.filter(pk__in=pks).select_related("model", "version__model")
    return {row.pk: Named(str(row), row.get_absolute_url()) for row in rows}


def _breaches(pks: set[int]) -> Found:
    related = ("series__model", "series__version__model")
    rows = Breach.objects.filter(pk__in=pks).select_related(*related)
    return {row.pk: Named(str(row), row.get_absolute_url()) for row in rows}


def _waivers(pks: set[int]) -> Found:
    rows = Waiver.objects.filter(pk__in=pks).select_related("version__model")
    return {row.pk: Named(f"{row} of {row.version}", row.get_absolute_url()) for row in rows}


def _emergencies(pks: set[int]) -> Found:
    rows = Emergency.objects.filter(pk__in=pks).select_related("authorization__version__model")
    return {
        row.pk: Named(f"{row} of {row.authorization.version}", row.get_absolute_url())
        for row in rows
    }


def _authorizations(pks: set[int]) -> Found:
    rows = Authorization.objects.filter(pk__in=pks).select_related("version__model")
    return {
        row.pk: Named(f"{row} of {row.version}", row.version.get_absolute_url()) for row in rows
    }


def _rule_breaches(pks: set[int]) -> Found:
    rows = RuleBreach.objects.filter(pk__in=pks).select_related("version__model")
    return {row.pk: Named(f"{row} ({row.version})", row.version.get_absolute_url()) for row in rows}


def _legal_holds(pks: set[int]) -> Found:
    rows = LegalHold.objects.filter(pk__in=pks).select_related("model")
    return {row.pk: Named(f"{row} on {row.model}", _retirement_of(row.model)) for row in rows}


def _retirements(pks: set[int]) -> Found:
    rows = Retirement.objects.filter(pk__in=pks).select_related("version__model")
    return {row.pk: Named(str(row.version), _retirement_of(row.version.model)) for row in rows}


def _retirement_of(model: RegisteredModel) -> str:
    return reverse("approvals:retirement", args=[model.name])


def _inventory_of(model: RegisteredModel) -> str:
    return reverse("models:inventory", args=[model.name])


READERS: Mapping[str, Reader] = {
    "exam_room": exam_names.exam_rooms,
    "model_sheet": _model_sheets,
    "version_sheet": _version_sheets,
    "use_case": _use_cases,
    "third_party": _third_parties,
    "own_field": _own_fields,
    "asset": _assets,
    "lineage_edge": _lineage_edges,
    "user": _users,
    "team": _teams,
    "membership": _memberships,
    "duty": _duties,
    "token": _tokens,
    "model": _models,
    "model_duty": _model_duties,
    "model_tag": _model_tags,
    "version": _versions,
    "version_tag": _version_tags,
    "alias": _aliases,
    "check_run": _check_runs,
    "evidence": _evidence,
    "monitoring_series": _series,
    "breach": _breaches,
    "request": _requests,
    "sign_off": _sign_offs,
    "sign_off_withdrawal": _withdrawals,
    "waiver": _waivers,
    "emergency": _emergencies,
    "authorization": _authorizations,
    "rule_breach": _rule_breaches,
    "legal_hold": _legal_holds,
    "retirement": _retirements,
    "webhook": _webhooks,
    **outside_names.READERS,
    **judged_names.READERS,
    **served_names.READERS,
}
