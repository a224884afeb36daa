"""A pack that is told by hand, for tests of its front page: the same every time."""

from dataclasses import replace
from datetime import UTC, datetime

from apps.approvals.packs.told import (
    Told,
    ToldCondition,
    ToldEvent,
    ToldFact,
    ToldFile,
    ToldFinding,
    ToldModel,
    ToldSection,
    ToldSignature,
    ToldVerifying,
    ToldVersion,
)

AT = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
DIGEST = "sha256:" + "9f2c" * 16
FOLDER = "models/churn"
SIGNATURE = ToldSignature(
    "Vera Validator",
    "Independent validator",
    "Approved",
    AT,
    "Passkey",
    "The holdout was drawn anew and agrees.",
    DIGEST,
    f"{FOLDER}/versions/3/sign-offs/1.txt",
)
VERSION = ToldVersion(
    "churn",
    3,
    "Production",
    f"{FOLDER}/versions/3",
    (ToldFact("Content", DIGEST), ToldFact("Registered by", "Dev Developer")),
    "Staging to production",
    (SIGNATURE, replace(SIGNATURE, name="Rita Risk", role="Risk officer", on_behalf_of="Olga")),
    (
        ToldCondition("Every check passed", "Met", True, "12 of 12 runs passed."),
        ToldCondition("Documents are approved", "Waived", True, "WVR-4 until 1 Mar 2027."),
        ToldCondition("No critical finding is open", "Not met", False, "FND-7 is open."),
    ),
    (
        ToldSection(
            "Checks",
            columns=("Check", "Outcome", "Examined"),
            rows=(("Files are intact", "Passed", DIGEST), ("Package audit", "Passed", DIGEST)),
            files=(f"{FOLDER}/versions/3/checks.json",),
        ),
        ToldSection("Lineage", ("Made from loans@2026-01.",)),
    ),
    is_approved=True,
    answer="Authorized for production since 20 Nov 2026, until 20 Nov 2027.",
    policy="Starter 1.2.0",
)
MODEL = ToldModel(
    "churn",
    FOLDER,
    (ToldFact("Owner", "Olivia Owner"), ToldFact("Purpose", "Says who may leave.")),
    (VERSION,),
    (ToldFinding("FND-7", "Drift in May", "High", "Open", "Dev Developer", "1 Dec 2026", True),),
    (ToldSection("Assessments"),),
    (ToldEvent(AT, "Version 3 was promoted", "usr_7", "Quarterly refresh", 48_213),),
    311,
    f"{FOLDER}/timeline.json",
)
TOLD = Told(
    "pck_12",
    "version",
    "Version 3 of churn",
    "Example Bank",
    AT,
    "usr_4",
    "Supervisor's exam of May",
    (MODEL,),
    ToldVerifying(
        "python3 verify_audit.py pack PACK.zip --key registry.example/audit/1+56480dff+AWXq9",
        "registry.example/audit/1",
        ("registry.example/audit/1+56480dff+AWXq9+TjPsvg9g8bL8rl0fdACrJCnXPHWTnhAaYLt6EI",),
    ),
    (
        ToldFile(f"{FOLDER}/timeline.json", 48_200, "ab" * 32),
        ToldFile(f"{FOLDER}/versions/3/checks.json", 900, "cd" * 32),
    ),
    ("Two models you may not see.",),
)


def told_with(text: str) -> Told:
    """Return a pack in which everything that people write is one text."""
    signature = replace(SIGNATURE, name=text, reason=text, on_behalf_of=text)
    version = replace(
        VERSION,
        model=text,
        sign_offs=(signature,),
        conditions=(ToldCondition(text, text, False, text),),
        sections=(ToldSection(text, (text,), (text,), ((text,),), (text,)),),
    )
    event = ToldEvent(AT, text, "usr_7", text, 3)
    model = replace(MODEL, name=text, facts=(ToldFact(text, text),), versions=(version,))
    return replace(
        TOLD,
        subject=text,
        organization=text,
        ordered_by=text,
        purpose=text,
        models=(replace(model, timeline=(event,)),),
        notes=(text,),
    )
