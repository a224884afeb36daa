"""Which pages an exam can open, by the part it must include, and what each is called in words.

A page that does not stand here is closed to examiners, and so is one that somebody adds later.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.catalog.models import ExamRoom

Part = ExamRoom.Part
HOME = "exams:mine"
GET, FORM = frozenset({"GET", "HEAD"}), frozenset({"GET", "HEAD", "POST"})
ALWAYS = ""


@dataclass(frozen=True)
class ExamPage:
    """A page examiners may open: what it is called, and the part that has to be granted."""

    words: str
    part: str = ALWAYS


OWN: Mapping[str, str] = {
    HOME: "the page of the exam",
    "exams:requests": "the questions examiners ask",
    "accounts:password": "the page of the own password",
    "accounts:sign_out": "signing out",
}
"""What examiners have for themselves, whether or not an exam is open to them."""

WITH_FORMS = frozenset({"accounts:password", "accounts:sign_out"})
"""The only pages that take what an examiner sends."""

LEADING_HOME = frozenset({"console:inbox", "models:list", "accounts:sign_in"})
"""Pages every other page leads to, in whose place examiners find the page of their exam."""

OPEN: Mapping[str, ExamPage] = {
    "models:model": ExamPage("a model"),
    "models:version": ExamPage("a version"),
    "models:version_files": ExamPage("the list of a version's files"),
    "models:version_metrics": ExamPage("the metrics of a version"),
    "models:version_lineage": ExamPage("the lineage of a version"),
    "models:export_lineage": ExamPage("the lineage of a version, as a file"),
    "models:compare": ExamPage("versions side by side"),
    "models:inventory": ExamPage("the inventory of a model"),
    "models:version_inventory": ExamPage("the inventory of a version"),
    "models:past_inventory": ExamPage("what a field of a model said"),
    "models:past_version_inventory": ExamPage("what a field of a version said"),
    "models:past_use_case": ExamPage("what a field of a use said"),
    "models:past_third_party": ExamPage("what a field of a supplier record said"),
    "models:use_case": ExamPage("a use of a model"),
    "models:third_party": ExamPage("a supplier record of a model"),
    "models:monitoring": ExamPage("the monitoring of a model"),
    "models:points_csv": ExamPage("measurements, as a file"),
    "models:export": ExamPage("a bill of materials or model card, as a file"),
    "models:version_card": ExamPage("the card among a version's files", Part.FILES),
    "models:download": ExamPage("a file of a version", Part.FILES),
    "models:preview": ExamPage("a file of a version, on the screen", Part.FILES),
    "validation:checks": ExamPage("the checks of a version"),
    "validation:checks_part": ExamPage("the checks of a version"),
    "validation:run": ExamPage("a check run"),
    "validation:attestations": ExamPage("the attestations of a version"),
    "validation:attestation_file": ExamPage("an attestation, as a file"),
    "validation:evidence": ExamPage("the evidence about a version", Part.DOCUMENTS),
    "validation:evidence_item": ExamPage("an item of evidence", Part.DOCUMENTS),
    "validation:download_evidence": ExamPage("an item of evidence, as a file", Part.DOCUMENTS),
    "validation:documents": ExamPage("the documents of a version", Part.DOCUMENTS),
    "validation:document": ExamPage("a document", Part.DOCUMENTS),
    "validation:document_revision": ExamPage("a revision of a document", Part.DOCUMENTS),
    "validation:export_document": ExamPage("a document, as a file", Part.DOCUMENTS),
    "as_of:production": ExamPage("what was in production at a moment"),
    "as_of:model": ExamPage("a model as it was"),
    "as_of:version": ExamPage("a version as it was"),
    "as_of:promotion": ExamPage("a promotion as it was"),
    "approvals:promotions": ExamPage("the list of promotions"),
    "approvals:promotion": ExamPage("a promotion"),
    "approvals:signatures": ExamPage("the signatures of a promotion, as a file"),
    "approvals:waivers": ExamPage("the list of waivers"),
    "approvals:waiver": ExamPage("a waiver"),
    "approvals:emergencies": ExamPage("the list of emergencies"),
    "approvals:emergency": ExamPage("an emergency"),
    "deployments:list": ExamPage("what runs where"),
    "deployments:deployment": ExamPage("a model in an environment"),
    "approvals:retirement": ExamPage("retention and retirement of a model"),
    "approvals:dossier": ExamPage("the dossier of a promotion, as a file", Part.PACKS),
    "approvals:packs": ExamPage("the list of evidence packs", Part.PACKS),
    "approvals:pack": ExamPage("an evidence pack", Part.PACKS),
    "approvals:pack_part": ExamPage("an evidence pack", Part.PACKS),
    "approvals:pack_file": ExamPage("an evidence pack, as a file", Part.PACKS),
    "risk:tier": ExamPage("the tier of a model", Part.ASSESSMENTS),
    "risk:tier_override": ExamPage("a tier other than the assessed one", Part.ASSESSMENTS),
    "risk:assessments": ExamPage("the risk assessments of a model", Part.ASSESSMENTS),
    "risk:assessment": ExamPage("a risk assessment", Part.ASSESSMENTS),
    "risk:assessment_section": ExamPage("a part of a risk assessment", Part.ASSESSMENTS),
    "risk:export_assessment": ExamPage("a risk assessment, as a file", Part.ASSESSMENTS),
    "risk:obligations": ExamPage("the obligations of a model", Part.ASSESSMENTS),
    "risk:obligation": ExamPage("an obligation", Part.ASSESSMENTS),
    "risk:model_findings": ExamPage("the findings on a model", Part.FINDINGS),
    "risk:finding": ExamPage("a finding", Part.FINDINGS),
    "risk:model_incidents": ExamPage("the incidents of a model", Part.FINDINGS),
    "risk:incident": ExamPage("an incident", Part.FINDINGS),
    "risk:reviews": ExamPage("the reviews of a model", Part.FINDINGS),
    "models:version_history": ExamPage("the history of a version", Part.RECORD),
    "audit:list": ExamPage("the entries of the record", Part.RECORD),
    "audit:entry": ExamPage("an entry of the record", Part.RECORD),
    "audit:proof": ExamPage("the proof of an entry, as a file", Part.RECORD),
    "audit:raw": ExamPage("the bytes of an entry, as a file", Part.RECORD),
}


def in_words(page: str) -> str:
    """Return what a page is called, whether or not it is open to examiners."""
    known = OPEN.get(page)
    if known is not None:
        return known.words
    if page in LEADING_HOME:
        return OWN[HOME]
    return OWN.get(page) or (f"a page not open to examiners ({page})" if page else "no page")
