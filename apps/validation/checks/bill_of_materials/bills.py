"""Every bill of materials that comes with a version, whichever form it has."""

from apps.validation.checks.bill_of_materials import cyclonedx, spdx
from apps.validation.checks.bill_of_materials.reading import (
    MOST_BILLS,
    Bill,
    candidates,
    decoded,
)
from apps.validation.checks.contract import ExaminedFile, ExaminedVersion, Progress


def bills_of(version: ExaminedVersion, progress: Progress) -> list[Bill]:
    """Read the bills among a version's files and what is attached to it."""
    found = []
    for file in candidates((*version.files, *version.attached)):
        progress(file.path)
        found.append(_read(file))
        if len(found) > MOST_BILLS:
            found[-1].refuse(f"There are more than {MOST_BILLS} bills, so the rest was not read.")
            break
    return found


def _read(file: ExaminedFile) -> Bill:
    bill = Bill(f"{file.path} (attached)" if file.kind else file.path)
    if file.path.lower().endswith((".xml", ".spdx", ".rdf", ".yaml", ".yml")):
        return bill.refuse("A bill is read in JSON only, and this one is not.")
    document = decoded(file, bill)
    if document is None:
        return bill
    if "bomFormat" in document:
        return cyclonedx.read(document, bill)
    if "spdxVersion" in document:
        return spdx.read(document, bill)
    return bill.refuse("It is neither CycloneDX nor SPDX 2, by what it says of itself.")
