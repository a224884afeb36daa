"""The keys of admission answers are named in the record, so that none passes for one of ours."""

import json
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from apps.accounts.rights import KEEP_BACKUPS
from apps.approvals.serving import signed_answers
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.audit.log.keys import VerifierKey
from apps.audit.models import AuditEvent
from apps.audit.sealing import signing
from apps.core.actors import Actor

PUBLISH = Action(
    "admission.publish_key",
    permission=KEEP_BACKUPS,
    refusal="Only whoever runs commands on the host names keys.",
)


def make_first() -> None:
    """Make the key that signs, where the operator says, unless it is there."""
    signing.make_key(Path(settings.ADMISSION_KEY_FILES[0]))


def publish_keys(*, by: Actor) -> Sequence[VerifierKey]:
    """Name in the record each key that it does not name yet, and return all that are in use.

    Raises:
        NoAdmissionKey: when one cannot be read.
    """
    keys = [signer.public for signer in signed_answers.signers()]
    named = _named()
    if new := [key.text for key in keys if key.text not in named]:
        with change(PUBLISH, REGISTRY, by=by) as record:
            record.note(keys=new)
    return keys


def _named() -> frozenset[str]:
    """Return the keys that the record names."""
    events = AuditEvent.objects.filter(action=PUBLISH.name, outcome=AuditEvent.Outcome.DONE)
    entries = (json.loads(bytes(entry)) for (entry,) in events.values_list("entry"))
    return frozenset(key for entry in entries for key in entry["detail"]["keys"])
