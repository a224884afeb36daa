"""Bill of materials: a version comes with one, it holds together, and it is about this version."""

from typing import Annotated

from msgspec import Meta

from apps.validation.checks.contract import Check, Parameters, Source


class BillRules(Parameters, frozen=True):
    """How much is asked of a bill."""

    required: Annotated[
        bool,
        Meta(
            description="A version without a bill of materials fails; otherwise it is only said.",
        ),
    ] = True
    require_digest: Annotated[
        bool,
        Meta(
            description="A bill fails that names no digest of this version or of a file of it, "
            "since nothing ties it to the version; otherwise it is only said.",
        ),
    ] = False
    require_agreement: Annotated[
        bool,
        Meta(
            description="A bill fails that leaves out a recorded package or lists another version "
            "of it; otherwise it is only said.",
        ),
    ] = False


CHECK = Check(
    name="bill-of-materials",
    title="Bill of materials",
    sentence=(
        "Reads the bill of materials that comes with a version and holds it against the version's "
        "files, digest and recorded packages."
    ),
    examine="apps.validation.checks.bill_of_materials.examination:examine",
    version="1",
    parameters=BillRules,
    formats=("CycloneDX 1.4 to 1.7 in JSON", "SPDX 2.2 and 2.3 in JSON"),
    cites=(
        "ECMA-424, CycloneDX bill of materials specification",
        "ISO/IEC 5962:2021, SPDX specification",
        "NTIA, The Minimum Elements for a Software Bill of Materials, 2021",
    ),
    sources=frozenset({Source.RECORD, Source.ATTESTATIONS}),
    is_confined=True,
)
