"""Every check there is: what each is for, what it takes, by what it judges, and what is at work."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.core.actors import Actor
from apps.validation import checks, expected, operations, queries
from apps.validation.checks.contract import Check, Weight
from apps.validation.described import in_words, parameters_of
from apps.validation.models import CheckRun, CheckSetting
from apps.validation.standings import source_in_words

_LANES = {Weight.LIGHT: "Light checks", Weight.HEAVY: "Heavy checks"}


@signed_in
@require_safe
def reference(request: ActorRequest) -> HttpResponse:
    """Show every check with its parameters, and what waits and runs on the models one sees."""
    set_for_all = {
        setting.check_name: setting.parameters
        for setting in CheckSetting.objects.filter(model=None).order_by("check_name")
    }
    page = {
        "checks": [_shown(check, set_for_all.get(check.name, {})) for check in checks.ALL],
        "refused": checks.REFUSED,
        "lists": list(queries.lists_in_force().values()),
        "external": list(expected.external_checks().values()),
        "may_manage": request.actor.may(operations.EXPECT.permission),
        "lanes": _lanes(request.actor),
    }
    return render(request, "validation/reference.html", page)


def _shown(check: Check, held: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "check": check,
        "facts": _facts(check),
        "cites": check.cites,
        "parameters": [
            {
                "label": one.label,
                "description": one.description,
                "value": in_words(held.get(one.name, one.default)),
                "is_set": one.name in held,
            }
            for one in parameters_of(check)
        ],
        "settings_url": reverse("validation:settings_for_all", args=[check.name]),
    }


def _facts(check: Check) -> list[dict[str, str]]:
    package = next((one.package for one in checks.ADDED if one.check.name == check.name), "")
    facts = {
        "Name": check.name,
        "Version": check.version,
        "Reads": "; ".join(check.formats),
        "Judges by": ", ".join(source_in_words(source) for source in sorted(check.sources)),
        "Starts": "when a version is registered" if check.at_registration else "",
        "Runs": _how(check),
        "Comes with": package,
    }
    return [{"term": term, "value": value} for term, value in facts.items() if value]


def _how(check: Check) -> str:
    place = f"confined, in {check.memory:,} MiB" if check.is_confined else "in the worker"
    return f"{check.weight.value}, {place}, at most {check.seconds:,} seconds"


def _lanes(actor: Actor) -> Sequence[dict[str, Any]]:
    """Count what waits and runs, of each weight, on the versions the actor may see."""
    heavy = Q(check_name__in=checks.heavy())
    waiting, running = Q(state=CheckRun.State.QUEUED), Q(state=CheckRun.State.RUNNING)
    counts = queries.runs_visible_to(actor).aggregate(
        light_waiting=Count("pk", filter=waiting & ~heavy),
        light_running=Count("pk", filter=running & ~heavy),
        heavy_waiting=Count("pk", filter=waiting & heavy),
        heavy_running=Count("pk", filter=running & heavy),
    )
    return [
        {
            "term": title,
            "value": f"{counts[f'{lane.value}_running']:,} running, "
            f"{counts[f'{lane.value}_waiting']:,} waiting",
        }
        for lane, title in _LANES.items()
    ]
