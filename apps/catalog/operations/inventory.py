"""Inventory values are recorded by whom their field names; uses and suppliers come and go."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.utils.text import slugify

from apps.accounts.models import User
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change, record_access
from apps.catalog.duties import roles_on
from apps.catalog.inventory import approvals, facts, fields, rules, sheets
from apps.catalog.inventory.reading import InventoryField
from apps.catalog.inventory.sheets import Subject
from apps.catalog.inventory.values import Value, checked, digest_of_value, people_in
from apps.catalog.models import ModelVersion, RegisteredModel, ThirdParty, UseCase
from apps.catalog.operations.registering import describe_model
from apps.core.actors import ON_OWN, Actor, Auth
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import InputRefused, require_text

_FILL = "catalog.fill_inventory"
_REFUSAL = "You do not have the right to fill the inventory of this model."

RECORD_VALUES = Action("inventory.record", permission=_FILL, refusal=_REFUSAL)
ADD_USE_CASE = Action("use_case.add", permission=_FILL, refusal=_REFUSAL)
END_USE_CASE = Action("use_case.end", permission=_FILL, needs_reason=True, refusal=_REFUSAL)
ADD_THIRD_PARTY = Action("third_party.add", permission=_FILL, refusal=_REFUSAL)
END_THIRD_PARTY = Action("third_party.end", permission=_FILL, needs_reason=True, refusal=_REFUSAL)
EXPORT = Action("inventory.export", permission=ON_OWN, sealing=Sealing.FIRST)

MOST_TITLE = 200
MOST_RECORDS = 200
"""How many uses, or supplier records, one model has, ended ones included."""
USE_ROLES = frozenset({"model_owner", "business_sponsor"})
THIRD_PARTY_ROLES = frozenset({"model_owner", "third_party_risk"})
_NO_KEYS = frozenset({"", "new"})


class FieldsRefused(InputRefused):
    """Some values may not be recorded; ``problems`` says why by the key of each."""

    code: ClassVar[str] = "fields_refused"

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(self.problems.values()))


class ChangedMeanwhile(RuleBroken):
    """Somebody recorded another value since the form was opened; ``keys`` are the fields."""

    code: ClassVar[str] = "changed_meanwhile"

    def __init__(self, changed: Collection[InventoryField]) -> None:
        self.keys = frozenset(field.key for field in changed)
        names = ", ".join(field.label for field in changed)
        super().__init__(
            f"Somebody else recorded this meanwhile: {names}. Look at it, then save again."
        )


def record_values(
    subject: Subject,
    values: Mapping[str, object],
    *,
    by: Actor,
    reason: str = "",
    shown: Mapping[str, str] | None = None,
) -> list[str]:
    """Record values of a model, version, use or supplier, and return the keys that changed.

    ``shown`` holds the digest of each value as the person saw it: what they left as it was is not
    touched, and what somebody else changed meanwhile is not overwritten. A use that was approved
    as it was has to be approved anew.

    Raises:
        FieldsRefused: when a field is unknown, not theirs to write, or may not hold the value.
        ChangedMeanwhile: when a value was recorded after it was shown.
    """
    with change(RECORD_VALUES, subject, by=by, reason=reason) as record:
        sheets.read_again(subject)
        require_live(subject)
        known = fields.in_force().fields_of(sheets.entities_of(subject))
        current = facts.of_subject(subject)
        wanted = _wanted(known, values, current, shown or {})
        _require_writable(subject, {key: known[key] for key in wanted}, by=by)
        _require_people(known, wanted)
        if shown is not None:
            _require_unchanged(known, wanted, current, shown)
        before = {key: digest_of_value(current.get(key)) for key in sorted(wanted)}
        withdrawn = approval_lost(subject) if wanted else {}
        keep(subject, {**wanted, **withdrawn}, by=by)
        after = {key: digest_of_value(value) for key, value in sorted(wanted.items())}
        record.note(
            changed=sorted(wanted),
            before=digest_of_value(list(before.values())),
            after=digest_of_value(list(after.values())),
            **({"approval": "withdrawn"} if withdrawn else {}),
        )
    return sorted(wanted)


def add_use_case(model: RegisteredModel, *, by: Actor, title: str) -> UseCase:
    """Add a use of a model: one purpose in one business process."""
    with change(ADD_USE_CASE, model, by=by) as record:
        _require_role(
            model, USE_ROLES, by=by, what="Owners and business sponsors add and end uses."
        )
        title = _title(title)
        taken = set(model.use_cases.values_list("key", flat=True))
        _require_room(len(taken))
        use = UseCase(model=model, key=_free_key(title, taken), title=title, added_at=record.time)
        use.save()
        record.about(use)
        record.note(key=use.key)
    return use


def end_use_case(use: UseCase, *, by: Actor, reason: str) -> UseCase:
    """End a use of a model; what was recorded about it stays."""
    with change(END_USE_CASE, use, by=by, reason=reason) as record:
        _require_role(
            use.model, USE_ROLES, by=by, what="Owners and business sponsors add and end uses."
        )
        require_live(use)
        use.ended_at = record.time
        use.save()
    return use


def add_third_party(model: RegisteredModel, *, by: Actor, title: str) -> ThirdParty:
    """Add a supplier relationship a model relies on."""
    with change(ADD_THIRD_PARTY, model, by=by) as record:
        _require_role(model, THIRD_PARTY_ROLES, by=by, what=_SUPPLIERS)
        title = _title(title)
        _require_room(model.third_parties.count())
        party = ThirdParty(model=model, title=title, added_at=record.time)
        party.save()
        record.about(party)
    return party


def end_third_party(party: ThirdParty, *, by: Actor, reason: str) -> ThirdParty:
    """End a supplier relationship; what was recorded about it stays."""
    with change(END_THIRD_PARTY, party, by=by, reason=reason) as record:
        _require_role(party.model, THIRD_PARTY_ROLES, by=by, what=_SUPPLIERS)
        require_live(party)
        party.ended_at = record.time
        party.save()
    return party


def record_export(entity: str, *, by: Actor) -> None:
    """Record that a person takes the inventory away, as far as they see it."""
    account = User.objects.filter(pk=by.user_id).first()
    if account is None:
        raise NotAllowed("Only a person exports the inventory.")
    record_access(EXPORT, account, by=by, facts={"entity": entity})


_SUPPLIERS = "Owners and third-party risk managers add and end supplier records."


def roles_of(by: Actor, model: RegisteredModel) -> frozenset[str]:
    """Return the roles an actor writes fields in; a part of Signet holds none."""
    return frozenset() if by.user_id is None else roles_on(by.user_id, model.pk)


def is_by_token(by: Actor) -> bool:
    """Say whether a program acts, which may be the pipeline that builds the model."""
    return by.auth is Auth.TOKEN


def _wanted(
    known: Mapping[str, InventoryField],
    values: Mapping[str, object],
    current: Mapping[str, object],
    shown: Mapping[str, str],
) -> dict[str, Value]:
    """Return the values that change something, each in the form it is kept in."""
    wanted: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for key, value in values.items():
        if key not in known:
            problems[key] = f"There is no field {key!a:.80} here."
            continue
        try:
            kept = checked(known[key], value)
        except InputRefused as refusal:
            problems[key] = refusal.message
            continue
        if digest_of_value(kept) != shown.get(key, digest_of_value(current.get(key))):
            wanted[key] = kept
    if problems:
        raise FieldsRefused(problems)
    return wanted


def _require_writable(subject: Subject, asked: Mapping[str, InventoryField], *, by: Actor) -> None:
    """Refuse fields somebody else supplies, and those that say what the row says."""
    roles, by_token = roles_of(by, _model_of(subject)), is_by_token(by)
    fixed = facts.fixed_in(subject)
    problems = {
        key: f"{field.label} is supplied by {rules.suppliers(field)}."
        for key, field in asked.items()
        if not rules.may_write(field, roles, by_token=by_token)
    }
    problems |= {
        key: f"{field.label} is part of the {_word(subject)} itself and not recorded here."
        for key, field in asked.items()
        if key in fixed
    }
    if problems:
        raise FieldsRefused(problems)


def _require_people(known: Mapping[str, InventoryField], wanted: Mapping[str, Value]) -> None:
    """Refuse to name an account that is closed or not a person."""
    named = people_in(known, wanted)
    start = len(User.RECORD.prefix) + 1
    people = User.objects.filter(
        pk__in=[int(who[start:]) for who in named],
        is_active=True,
        is_service_account=False,
        is_examiner=False,
    )
    unknown = named - {person.record_id for person in people}
    if unknown:
        raise FieldsRefused(
            {
                key: f"{known[key].label} names nobody with an open account."
                for key, value in wanted.items()
                if unknown & people_in(known, {key: value})
            }
        )


def _require_unchanged(
    known: Mapping[str, InventoryField],
    wanted: Mapping[str, Value],
    current: Mapping[str, object],
    shown: Mapping[str, str],
) -> None:
    changed = [known[key] for key in wanted if digest_of_value(current.get(key)) != shown.get(key)]
    if changed:
        raise ChangedMeanwhile(changed)


def approval_lost(subject: Subject) -> Mapping[str, Value]:
    """Return what to keep of the approval of a use that is changed; nothing of anything else."""
    is_approved = isinstance(subject, UseCase) and approvals.is_approved(subject)
    return approvals.ASKED_ANEW if is_approved else {}


def keep(subject: Subject, wanted: Mapping[str, Value], *, by: Actor) -> None:
    """Write what changes: on the model's row what is a column of it, else on the sheet."""
    columns = {key: value for key, value in wanted.items() if key in facts.DESCRIBED}
    flags = {key: value for key, value in wanted.items() if key in facts.FLAGS}
    on_sheet = wanted
    if isinstance(subject, RegisteredModel):
        on_sheet = {key: value for key, value in wanted.items() if key not in columns}
        if columns or flags:
            _describe(subject, columns, flags, by=by)
    if on_sheet:
        sheets.write(subject, on_sheet)
        _model_of(subject).touch()


def _describe(
    model: RegisteredModel,
    columns: Mapping[str, Value],
    flags: Mapping[str, Value],
    *,
    by: Actor,
) -> None:
    texts = {key: str(value) for key, value in columns.items()}
    raised = {key for key, value in flags.items() if value is True}
    stay = set(model.flags) - set(flags)
    describe_model(model, by=by, flags=sorted(raised | stay) if flags else None, **texts)


def require_live(subject: Subject) -> None:
    """Refuse what was deleted, and a use or supplier record that has ended."""
    if isinstance(subject, ModelVersion) and subject.deleted_at is not None:
        raise NotFound(f"{subject} was deleted.")
    if isinstance(subject, UseCase | ThirdParty) and subject.ended_at is not None:
        raise RuleBroken(f"{subject} has ended, so nothing more is recorded about it.")


def _require_role(model: RegisteredModel, wanted: Collection[str], *, by: Actor, what: str) -> None:
    if roles_of(by, model).isdisjoint(wanted):
        raise NotAllowed(what)


def _require_room(count: int) -> None:
    if count >= MOST_RECORDS:
        raise RuleBroken(f"A model has at most {MOST_RECORDS} of these records.")


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise InputRefused("Give it a title.")
    require_text(title, "The title", MOST_TITLE)
    return title


def _free_key(title: str, taken: Collection[str]) -> str:
    """Return a short name for addresses, made from the title, that no other use has."""
    start = slugify(title)[:50].strip("-") or "use"
    tries = [start, *(f"{start}-{number}" for number in range(2, MOST_RECORDS + 3))]
    return next(key for key in tries if key not in taken and key not in _NO_KEYS)


def _model_of(subject: Subject) -> RegisteredModel:
    return subject if isinstance(subject, RegisteredModel) else subject.model


def _word(subject: Subject) -> str:
    return type(subject).RECORD.word.replace("_", " ")
