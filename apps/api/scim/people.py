"""People as a directory reads and writes them: rows in, resources out, and back."""

from collections.abc import Mapping
from dataclasses import replace

from django.db.models import Q, QuerySet
from scim2_models import InvalidValueException, Meta

from apps.accounts import naming
from apps.accounts import operations as accounts
from apps.accounts.models import DirectoryPerson
from apps.accounts.operations import PersonSaid
from apps.api.scim import ids
from apps.api.scim.describing import Email, Enterprise, Name, Person
from apps.api.scim.filters import Condition
from apps.core.actors import Actor
from apps.core.inputs import require_text

MOST_NAME = 150
MOST_TEXT = 255
KNOWN: Mapping[str, Condition] = {
    "id": lambda value: Q(pk=ids.pk_or_none(DirectoryPerson.RECORD, value)),
    "username": lambda value: Q(name_key=naming.name_key(value)),
    "externalid": lambda value: Q(external_id=value),
    "emails.value": lambda value: Q(user__email__iexact=value),
    "emails": lambda value: Q(user__email__iexact=value),
}


def rows() -> QuerySet[DirectoryPerson]:
    """Return the people the directory keeps; accounts opened here are none of its business."""
    kept: QuerySet[DirectoryPerson] = DirectoryPerson.objects.filter(until=None)
    return kept.select_related("user").order_by("pk")


def shown(entry: DirectoryPerson) -> Person[Enterprise]:
    """Return a person as the directory reads them."""
    user = entry.user
    state = {"entry": entry.state_digest(), "user": user.state_digest()}
    person = Person[Enterprise](
        id=entry.record_id,
        external_id=entry.external_id or None,
        user_name=entry.user_name,
        name=_name(entry),
        display_name=user.display_name,
        active=user.is_active,
        emails=[Email(value=user.email, type="work", primary=True)] if user.email else None,
    )
    if user.org_unit:
        person[Enterprise] = Enterprise(department=user.org_unit)
    person.meta = Meta(
        resource_type="User",
        created=entry.since,
        last_modified=entry.changed_at,
        version=ids.version_of(state),
    )
    return person


def create(sent: Person[Enterprise], *, by: Actor) -> DirectoryPerson:
    """Open the account of a person the directory sent."""
    return accounts.admit_person(said_by(sent), by=by)


def update(entry: DirectoryPerson, sent: Person[Enterprise], *, by: Actor) -> DirectoryPerson:
    """Take over what the directory says of a person now; without a word the account stays so."""
    said = said_by(sent)
    if sent.active is None:
        said = replace(said, is_active=entry.user.is_active)
    return accounts.update_person(entry, said, by=by)


def drop(entry: DirectoryPerson, *, by: Actor) -> None:
    """Close the account of a person the directory deleted."""
    accounts.drop_person(entry, by=by)


def said_by(sent: Person[Enterprise]) -> PersonSaid:
    """Return what a resource says of a person, within what Signet keeps."""
    name = sent.name or Name()
    extension = sent[Enterprise]
    parts = " ".join(part for part in (name.given_name, name.family_name) if part)
    shown_as = sent.display_name or name.formatted or parts or sent.user_name
    return PersonSaid(
        user_name=_text(sent.user_name, "userName", MOST_TEXT),
        display_name=_text(shown_as, "displayName", MOST_NAME),
        external_id=_text(sent.external_id, "externalId", MOST_TEXT),
        email=_text(_mail_of(sent), "emails", MOST_TEXT),
        org_unit=_text(extension.department if extension else "", "department", MOST_NAME),
        given_name=_text(name.given_name, "name.givenName", MOST_NAME),
        family_name=_text(name.family_name, "name.familyName", MOST_NAME),
        is_active=sent.active is not False,
    )


def _mail_of(sent: Person[Enterprise]) -> str:
    """Return the one address that is kept: the first marked so, else for work, else the first."""
    mails = [mail for mail in sent.emails or [] if mail.value]
    marked = [mail for mail in mails if mail.primary] or [
        mail for mail in mails if mail.type == "work"
    ]
    chosen = next(iter(marked or mails), None)
    return str(chosen.value) if chosen else ""


def _name(entry: DirectoryPerson) -> Name | None:
    if not entry.given_name and not entry.family_name:
        return None
    return Name(given_name=entry.given_name or None, family_name=entry.family_name or None)


def _text(value: str | None, label: str, most: int) -> str:
    text = (value or "").strip()
    require_text(text, label, most)
    if label == "userName" and not text:
        raise InvalidValueException(detail="userName is empty.")
    return text
