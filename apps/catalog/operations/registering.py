"""Models are registered with their owner, and described by those who know them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError

from apps.accounts import rules
from apps.accounts.models import Team, User
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.catalog import names, permissions, search
from apps.catalog.models import ModelDuty, RegisteredModel
from apps.catalog.operations.labels import tag_new_model
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused, require_text

REGISTER_MODEL = Action(
    "model.register",
    permission="catalog.add_registeredmodel",
    refusal="You do not have the right to register models. Model owners and developers have it.",
)
DESCRIBE_MODEL = Action(
    "model.describe",
    permission="catalog.change_registeredmodel",
    refusal="You do not have the right to describe this model.",
)

MOST_LONG_TEXT = 5000
NO_TAGS: Mapping[str, str] = {}
_TEXTS = {
    "title": ("The title", 200),
    "description": ("The description", MOST_LONG_TEXT),
    "intended_use": ("The intended use", MOST_LONG_TEXT),
    "out_of_scope_uses": ("The text on uses out of scope", MOST_LONG_TEXT),
    "limitations": ("The text on limitations", MOST_LONG_TEXT),
    "domain": ("The domain", 120),
    "method": ("The method", 200),
}


class NameTaken(RuleBroken):
    """A model has the name, or one that looks the same."""

    code = "name_taken"


def register_model(
    *,
    by: Actor,
    name: str,
    title: str = "",
    description: str = "",
    intended_use: str = "",
    out_of_scope_uses: str = "",
    limitations: str = "",
    owner: User | None = None,
    team: Team | None = None,
    domain: str = "",
    kind: str = RegisteredModel.Kind.IN_HOUSE,
    method: str = "",
    flags: Collection[str] = (),
    tags: Mapping[str, str] = NO_TAGS,
) -> RegisteredModel:
    """Register a model without versions: its owner answers for it, its registrant develops it."""
    with change(REGISTER_MODEL, REGISTRY, by=by) as record:
        registrant = _account_of(by)
        owner = owner or registrant
        rules.require_open(owner)
        rules.require_colleague(owner)
        model = RegisteredModel(
            name=name,
            folded_name=free_name(name),
            owner=owner,
            team=team,
            created_at=record.time,
            created_by=registrant,
            touched_at=record.time,
        )
        _describe(
            model,
            {
                "title": title,
                "description": description,
                "intended_use": intended_use,
                "out_of_scope_uses": out_of_scope_uses,
                "limitations": limitations,
                "domain": domain,
                "kind": kind,
                "method": method,
                "flags": flags,
            },
        )
        save_named(model)
        record.about(model)
        tag_new_model(model, tags)
        ModelDuty(model=model, user=owner, role="model_owner", since=record.time).save()
        ModelDuty(model=model, user=registrant, role="model_developer", since=record.time).save()
        for holder in {owner, registrant}:
            permissions.follow_duties(model, holder)
        search.refresh(model)
        record.note(name=name, owner=owner.record_id)
    return model


def describe_model(
    model: RegisteredModel,
    *,
    by: Actor,
    title: str | None = None,
    description: str | None = None,
    intended_use: str | None = None,
    out_of_scope_uses: str | None = None,
    limitations: str | None = None,
    domain: str | None = None,
    kind: str | None = None,
    method: str | None = None,
    flags: Collection[str] | None = None,
) -> RegisteredModel:
    """Change what a model says about itself; what is not given stays as it is."""
    with change(DESCRIBE_MODEL, model, by=by) as record:
        given = {
            "title": title,
            "description": description,
            "intended_use": intended_use,
            "out_of_scope_uses": out_of_scope_uses,
            "limitations": limitations,
            "domain": domain,
            "kind": kind,
            "method": method,
            "flags": flags,
        }
        changed = _describe(
            model, {key: value for key, value in given.items() if value is not None}
        )
        if changed:
            model.touched_at = record.time
            model.save()
            search.refresh(model)
        record.note(changed=changed)
    return model


def _account_of(by: Actor) -> User:
    account: User | None = User.objects.filter(pk=by.user_id).first()
    if account is None:
        raise NotAllowed("Only a person or a service account registers models.")
    return account


def free_name(name: str, *, besides: RegisteredModel | None = None) -> str:
    """Return the folded form of a name, provided no model, besides one, has it or looks so."""
    names.require_model_name(name)
    folded = names.folded_name(name)
    there = RegisteredModel.objects.filter(folded_name=folded, deleted_at=None)
    if there.exclude(pk=besides.pk if besides else None).exists():
        raise _taken(name)
    return folded


def _taken(name: str) -> NameTaken:
    return NameTaken(f"The name “{name}” is taken, or looks like one that is. Choose another.")


def save_named(model: RegisteredModel) -> None:
    """Save a model under a name that was free a moment ago."""
    try:
        model.save()
    except IntegrityError:  # somebody else was quicker; the whole change is undone
        raise _taken(model.name) from None


def _describe(model: RegisteredModel, given: Mapping[str, Any]) -> list[str]:
    """Set the given fields, provided they hold what they may; return which ones changed."""
    for name, (label, most) in _TEXTS.items():
        if name in given:
            require_text(given[name], label, most, lines=most == MOST_LONG_TEXT)
    if given.get("kind", model.kind) not in RegisteredModel.Kind.values:
        raise InputRefused(f"The kind is one of {', '.join(RegisteredModel.Kind.values)}.")
    values = dict(given)
    if "flags" in values:
        values["flags"] = _flags(values["flags"])
    changed = [name for name, value in values.items() if getattr(model, name) != value]
    for name in changed:
        setattr(model, name, values[name])
    return changed


def _flags(flags: Collection[str]) -> list[str]:
    unknown = set(flags) - set(RegisteredModel.Flag.values)
    if unknown:
        raise InputRefused(f"A flag is one of {', '.join(RegisteredModel.Flag.values)}.")
    return sorted(set(flags))
