"""Copies of a model in production with all its approvals, in history alone.

To promote twenty models takes long; the walk that the copies are taken from is a real one.
"""

from typing import Any

from django.db.models import QuerySet

from apps.approvals.models import Authorization, PromotionRequest, SignOff
from apps.catalog.models import ModelVersion, RegisteredModel

APART = 1_000_000


def copied(request: PromotionRequest, count: int, *, start: int = 0) -> None:
    """Copy the model of a promotion, with its version and its approvals, some times."""
    version = ModelVersion.objects.select_related("model").get(pk=request.version_id)
    for number in range(start, start + count):
        shift, name = APART * (number + 1), f"copy-{number}"
        model = RegisteredModel.objects.get(pk=version.model_id)
        model.pk, model.name, model.folded_name = model.pk + shift, name, name
        rows: QuerySet[RegisteredModel] = QuerySet(RegisteredModel)
        rows.bulk_create([model])
        _copy(RegisteredModel, {"id": version.model_id}, shift, name=name)
        _copy(ModelVersion, {"id": version.pk}, shift, model_id=model.pk)
        _copy(PromotionRequest, {"id": request.pk}, shift, version_id=version.pk + shift)
        _copy(SignOff, {"request_id": request.pk}, shift, request_id=request.pk + shift)
        granted = Authorization.objects.get(request=request)
        signed = [f"sof_{int(one.removeprefix('sof_')) + shift}" for one in granted.sign_off_ids]
        _copy(
            Authorization,
            {"id": granted.pk},
            shift,
            version_id=version.pk + shift,
            request_id=request.pk + shift,
            sign_off_ids=signed,
        )


def _copy(rows: Any, which: dict[str, int], shift: int, **other: object) -> None:
    states = list(rows.history.filter(**which).order_by("history_id"))
    for state in states:
        state.history_id, state.id = None, state.id + shift
        for name, value in other.items():
            setattr(state, name, value)
    rows.history.model.objects.bulk_create(states)
