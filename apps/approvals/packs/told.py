"""What a pack's front page and its PDF tell, as plain values: all of it is in the files beside."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ToldFact:
    """One line of a list of facts: what it is, and what it is here."""

    name: str
    value: str


@dataclass(frozen=True)
class ToldSection:
    """A part in words and rows, and the files of the pack it is drawn from."""

    title: str
    paragraphs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """Each row has a cell for every column."""
    files: tuple[str, ...] = ()
    """Paths inside the pack, as in ``pack.json``."""


@dataclass(frozen=True)
class ToldSignature:
    """One sign-off: who signed what with which meaning, and where its words stand."""

    name: str
    role: str
    meaning: str
    """As it is printed: "Approved", "Declined"."""
    at: datetime
    method: str
    reason: str
    digest: str
    """The digest of the statement that was signed."""
    file: str
    """The path of the statement inside the pack."""
    on_behalf_of: str = ""
    """The id of whom the signer stood in for."""
    is_withdrawn: bool = False


@dataclass(frozen=True)
class ToldCondition:
    """One condition of a gate and how it was judged."""

    title: str
    answer: str
    """In a word or two: "Met", "Not met", "Warned", "Waived"."""
    is_open: bool
    """Whether it lets the version through."""
    reason: str


@dataclass(frozen=True)
class ToldFinding:
    """One finding on the model or version."""

    id: str
    title: str
    severity: str
    state: str
    owner: str
    due: str
    is_open: bool


@dataclass(frozen=True)
class ToldEvent:
    """One entry of the record, in words."""

    at: datetime
    words: str
    actor: str
    """The id the record knows who did it by."""
    reason: str
    entry: int
    """Its number in the chain of its model."""


@dataclass(frozen=True)
class ToldVersion:
    """One version: facts, who signed, what was judged, and further parts."""

    model: str
    number: int
    stage: str
    """In words: "Production"."""
    folder: str
    """Where its files stand inside the pack, as ``models/churn/versions/3``."""
    facts: tuple[ToldFact, ...]
    gate: str
    """Which gate the conditions are of, as "Staging to production"; nothing when there is none."""
    sign_offs: tuple[ToldSignature, ...] = ()
    conditions: tuple[ToldCondition, ...] = ()
    sections: tuple[ToldSection, ...] = ()
    """Checks, documents, lineage, waivers and so on, in the order to show them."""
    is_approved: bool = False
    """Whether it may be where it is: authorized for production, or let through its last gate."""
    answer: str = ""
    """That in one sentence, with for what, since and until when; made of the rest when empty."""
    policy: str = ""
    """The policy that judged it, with its version, as "Starter 1.2.0"."""


@dataclass(frozen=True)
class ToldModel:
    """One model with the versions of it that the pack is of."""

    name: str
    folder: str
    facts: tuple[ToldFact, ...]
    versions: tuple[ToldVersion, ...]
    findings: tuple[ToldFinding, ...] = ()
    sections: tuple[ToldSection, ...] = ()
    """Assessments, reviews and so on."""
    timeline: tuple[ToldEvent, ...] = ()
    """The newest entries of its chain, the newest first; all of them are in ``timeline_file``."""
    timeline_of: int = 0
    """How many entries there are in all."""
    timeline_file: str = ""


@dataclass(frozen=True)
class ToldFile:
    """One file of the pack."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class ToldVerifying:
    """How to check the pack without this installation."""

    command: str
    """One line to type."""
    log: str
    """The name of the log, which is also the name of its key."""
    keys: tuple[str, ...]
    """The log's verifier keys as known here; whoever checks takes them from elsewhere. May be
    nothing. (The checkpoint is signed after this page is made, so that it covers this page.)"""


@dataclass(frozen=True)
class Told:
    """Everything the front page says."""

    id: str
    """The pack's id, as ``pck_12``."""
    kind: str
    """"model", "version", "promotion" or "many"."""
    subject: str
    """In words: "Version 3 of churn"."""
    organization: str
    """The name this installation goes by; may be nothing."""
    as_of: datetime
    """The moment everything in the pack is as of: when it was ordered."""
    ordered_by: str
    """The id the record knows them by: names stand only where somebody signed."""
    purpose: str
    models: tuple[ToldModel, ...]
    verifying: ToldVerifying
    files: tuple[ToldFile, ...]
    """Every file but the front page, the PDF and ``pack.json``, sorted by path."""
    notes: tuple[str, ...] = ()
    """What is not in the pack and why, a sentence each."""
    sections: tuple[ToldSection, ...] = ()
    """What holds for all models alike, such as the policies they were judged by."""
