"""The sign-offs of a request as a file prints them (21 CFR 11.50), beside the dossier they bind.

They cannot stand in the dossier: it is what they sign.
"""

import json
from collections.abc import Sequence

from apps.approvals import in_force
from apps.approvals.models import SignOff
from apps.core.digests import utc_text


def text_of(signed: Sequence[SignOff]) -> str:
    """Return who signed, when and with what meaning, each with the exact words and their digest."""
    rows = {"v": 1, "kind": "signatures", "signatures": [_manifest(one) for one in signed]}
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _manifest(signed: SignOff) -> dict[str, object]:
    return {
        "printed_name": signed.signer_name,
        "user_id": signed.signer.record_id,
        "role": signed.role,
        "meaning": signed.printed_meaning,
        "signed_at_utc": utc_text(signed.signed_at),
        "record_type": signed.request.RECORD.word,
        "record_id": signed.request.record_id,
        "record_digest": signed.dossier_digest,
        "policy_version": str(in_force.policy_at(signed.signed_at)),
        "on_behalf_of": signed.on_behalf_of.record_id if signed.on_behalf_of else None,
        "reason": signed.reason,
        "method": signed.method,
        "withdrawn": hasattr(signed, "withdrawal"),
        "statement": signed.statement,
        "statement_digest": signed.statement_digest,
    }
