"""What an organization sets for checks: their parameters."""

from collections.abc import Mapping
from typing import Any

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.audit.preconditions import Stale
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.digests import digest_of
from apps.core.errors import RuleBroken
from apps.validation import checks, parameters
from apps.validation.models import CheckSetting

SET_PARAMETERS = Action(
    "check.set_parameters",
    permission="catalog.set_check_parameters",
    needs_reason=True,
    refusal="Validators, security officers and risk officers of this model set its parameters.",
)
SET_FOR_ALL = Action(
    "check.set_for_all",
    permission="catalog.manage_checks",
    needs_reason=True,
    refusal="Only a risk or security officer of the whole organization sets them for every model.",
    rules_everywhere=True,
)


def set_parameters(
    model: RegisteredModel | None,
    check_name: str,
    values: Mapping[str, Any],
    *,
    by: Actor,
    reason: str,
    shown: str | None = None,
) -> CheckSetting:
    """Set what a check gets for one model or, without one, for every model; earlier values go.

    ``shown`` is the digest of the values the person saw.

    Raises:
        Stale: when somebody set others since.
        InputRefused: when the check does not take these values.
        RuleBroken: when they are set already.
    """
    check = checks.named(check_name)
    opened = (
        change(SET_FOR_ALL, REGISTRY, by=by, reason=reason)
        if model is None
        else change(SET_PARAMETERS, model, by=by, reason=reason)
    )
    with opened as record:
        wanted = parameters.set_values(check, values)
        setting = CheckSetting.objects.filter(model=model, check_name=check.name).first()
        setting = setting or CheckSetting(model=model, check_name=check.name)
        if setting.pk:
            setting.renew(record.lock(setting.root))
        if shown is not None and shown != digest_of(setting.parameters):
            raise Stale(
                "Somebody set other parameters meanwhile. Open the page again, then decide."
            )
        if setting.pk and setting.parameters == wanted:
            raise RuleBroken("These parameters are set already.")
        setting.parameters = wanted
        setting.save()
        record.about(setting)
        record.note(check=check.name, parameters=wanted)
    return setting
