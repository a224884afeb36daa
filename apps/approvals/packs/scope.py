"""What a pack is of, model by model: which versions and requests, and in which folders."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import Q

from apps.accounts.actors import actor_for
from apps.approvals.models import EvidencePack, PromotionRequest
from apps.catalog import lineage, manifest
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Door

DOWNLOAD = "catalog.download_artifacts"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Orderer:
    """What who ordered a pack may be given of what it tells of."""

    sees_assets: bool
    takes_files_of: Collection[int]
    """The ids of the models whose files they may download."""

    @classmethod
    def of(cls, pack: EvidencePack) -> Self:
        """Ask what who ordered a pack may be given now."""
        person = actor_for(pack.ordered_by, door=Door.WORKER)
        models = catalog.models_where(person, DOWNLOAD)
        told = models.filter(pk__in=pack.of_models.values("model"))
        return cls(lineage.sees_assets(person), set(told.values_list("pk", flat=True)))


@dataclass(frozen=True)
class OfModel:
    """One model with the versions and requests a pack tells of."""

    model: RegisteredModel
    folder: str
    versions: Sequence[ModelVersion]
    requests: Sequence[PromotionRequest]

    def folder_of(self, version: ModelVersion) -> str:
        """Return where the files about a version stand."""
        return f"{self.folder}/versions/{version.number}"

    def requests_of(self, version: ModelVersion) -> list[PromotionRequest]:
        """Return the requests about a version, the oldest first."""
        return [one for one in self.requests if one.version_id == version.pk]


def of_pack(pack: EvidencePack) -> list[OfModel]:
    """Return what a pack is of, in order of the models' ids."""
    asked = PromotionRequest.objects.filter(pk__in=pack.request_ids).values("version")
    wanted = Q(model__in=pack.model_ids) | Q(pk__in=pack.version_ids) | Q(pk__in=asked)
    versions = list(
        ModelVersion.objects.filter(wanted, deleted_at=None)
        .select_related("model__owner", "model__team", "base_version__model", "run", "created_by")
        .order_by("model", "number")
    )
    whole = RegisteredModel.objects.filter(pk__in=pack.model_ids, deleted_at=None)
    models = {one.pk: one for one in whole.select_related("owner", "team")} | {
        one.model_id: one.model for one in versions
    }
    requests = list(_requests(pack))
    folders = _folders(models[pk] for pk in sorted(models))
    return [
        OfModel(
            models[pk],
            folders[pk],
            [one for one in versions if one.model_id == pk],
            [one for one in requests if one.version.model_id == pk],
        )
        for pk in sorted(models)
    ]


def _requests(pack: EvidencePack) -> Iterable[PromotionRequest]:
    """Return the requests a pack tells of: those named, and all of versions and models named."""
    wanted = (
        Q(pk__in=pack.request_ids)
        | Q(version__in=pack.version_ids)
        | Q(version__model__in=pack.model_ids)
    )
    return PromotionRequest.objects.filter(wanted).select_related("version__model").order_by("pk")


def _folders(models: Iterable[RegisteredModel]) -> dict[int, str]:
    """Return the folder of each model: its name where that is plain, and taken by no other."""
    taken: set[str] = set()
    folders = {}
    for model in models:
        is_plain = _PLAIN.fullmatch(model.name) and manifest.label_problem(model.name) is None
        name = model.name if is_plain and model.name.lower() not in taken else model.record_id
        taken.add(name.lower())
        folders[model.pk] = f"models/{name}"
    return folders
