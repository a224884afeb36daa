"""SPDX 2.2 and 2.3 in JSON (ISO/IEC 5962), as far as a bill must hold together."""

import re
from collections.abc import Iterator
from typing import Any

from apps.validation.checks.bill_of_materials.reading import (
    MOST_COMPONENTS,
    PURL,
    Bill,
    Component,
    objects,
    text,
)
from apps.validation.checks.contract import Severity

VERSIONS = ("SPDX-2.2", "SPDX-2.3")
NO_LICENSE = frozenset({"", "NOASSERTION", "NONE"})
_ID = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def read(document: dict[str, Any], bill: Bill) -> Bill:
    """Read a document whose ``spdxVersion`` says that it is SPDX 2."""
    version = text(document.get("spdxVersion"))
    bill.form = version.replace("-", " ")[:40]
    if version not in VERSIONS:
        return bill.refuse(
            f"It says spdxVersion {version!r:.40}; {' and '.join(VERSIONS)} can be read."
        )
    bill.serial = text(document.get("documentNamespace"))
    for key in ("documentNamespace", "name", "dataLicense"):
        if not text(document.get(key)):
            bill.say("malformed", Severity.HIGH, key, "SPDX requires this, and it is not there.")
    if document.get("SPDXID") != "SPDXRef-DOCUMENT":
        bill.say("malformed", Severity.HIGH, "SPDXID", "It is not SPDXRef-DOCUMENT.")
    described = _described(document)
    for place, part, is_file in _parts(document):
        if not bill.has_room():
            return bill.refuse(f"It lists more than {MOST_COMPONENTS:,} packages and files.")
        found = _component(part, place, bill, is_file=is_file)
        if found is None:
            continue
        if part.get("SPDXID") in described and bill.subject is None:
            bill.subject = found
        else:
            bill.components.append(found)
    return bill


def _described(document: dict[str, Any]) -> set[str]:
    """Return the ids of what the document is about."""
    listed = document.get("documentDescribes")
    named = {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
    return named | {
        text(one.get("relatedSpdxElement"))
        for one in objects(document.get("relationships"))
        if one.get("relationshipType") == "DESCRIBES"
        and one.get("spdxElementId") == "SPDXRef-DOCUMENT"
    }


def _parts(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    for key, is_file in (("packages", False), ("files", True)):
        for number, part in enumerate(objects(document.get(key))):
            yield f"{key}[{number}]", part, is_file


def _component(part: dict[str, Any], place: str, bill: Bill, *, is_file: bool) -> Component | None:
    name = text(part.get("fileName" if is_file else "name"))
    if not name or not _ID.fullmatch(text(part.get("SPDXID"))):
        words = f"It needs a name and an SPDXID; this one is {name!r:.80}."
        bill.say("malformed", Severity.HIGH, place, words)
        return None
    version = text(part.get("versionInfo"))
    purl = _purl(part, place, bill)
    if not version and purl.startswith("pkg:pypi/"):
        words = f"{name!r:.80} is listed without a version."
        bill.say("no_component_version", Severity.MEDIUM, place, words)
    licenses = (text(part.get("licenseConcluded")), text(part.get("licenseDeclared")))
    return Component(
        place,
        "file" if is_file else "library",
        name.removeprefix("./") if is_file else name,
        version,
        purl,
        tuple(_digests(part, place, bill)),
        tuple(one for one in licenses if one not in NO_LICENSE)[:1],
    )


def _purl(part: dict[str, Any], place: str, bill: Bill) -> str:
    for one in objects(part.get("externalRefs")):
        if one.get("referenceType") == "purl":
            purl = text(one.get("referenceLocator"))
            if PURL.fullmatch(purl):
                return purl
            words = f"{purl!r:.120} is no package URL."
            bill.say("malformed", Severity.HIGH, f"{place}.externalRefs", words)
    return ""


def _digests(part: dict[str, Any], place: str, bill: Bill) -> Iterator[str]:
    for one in objects(part.get("checksums")):
        if one.get("algorithm") == "SHA256":
            digest = text(one.get("checksumValue"))
            if _SHA256.fullmatch(digest):
                yield digest.lower()
            else:
                words = f"{digest!r:.80} is no SHA-256 digest."
                bill.say("malformed", Severity.HIGH, f"{place}.checksums", words)
