"""The people of the demo, their duties, and where their sign-ins are kept."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from apps.accounts import operations as accounts
from apps.accounts.actors import command_actor
from apps.accounts.models import User

REASON = "Demo data"
_WORDS = (
    "amber anchor apple arrow autumn badge barley basin beacon birch bridge candle canvas "
    "cedar chalk cliff cobalt copper coral cotton dune ember falcon fern flint garnet ginger "
    "harbor hazel heron indigo ivory jasper juniper kettle lantern laurel linen lumen maple "
    "marble meadow merlin mortar nutmeg oak olive onyx opal orchard otter paper pebble pepper "
    "pine plum quartz quill raven reed ridge river saffron sage silver slate sparrow spruce "
    "stone tamarind thistle timber topaz tulip umber velvet walnut willow winter yarrow "
    "zephyr"
).split()


@dataclass(frozen=True)
class Part:
    """One person of the demo: who, where, and with which duties everywhere."""

    username: str
    name: str
    org_unit: str
    duties: tuple[str, ...] = ()
    is_administrator: bool = False
    sees: str = ""


DEVELOPER = Part(
    "d.lindqvist",
    "Dana Lindqvist",
    "Data science",
    ("model_developer",),
    sees="develops models, registers versions, requests promotions",
)
OWNER = Part("j.torres", "Julia Torres", "Clinical services", sees="owns the demo's models")
VALIDATOR = Part(
    "a.rahman",
    "Amir Rahman",
    "Model risk",
    ("validator",),
    sees="reviews as independent validator",
)
RISK_OFFICER = Part(
    "m.okafor",
    "Mercy Okafor",
    "Model risk",
    ("risk_officer",),
    sees="approves as model risk officer; decisions wait in her inbox",
)
OPERATOR = Part(
    "s.iwu", "Sade Iwu", "Platform", ("operator",), sees="carries promotions out, rolls back"
)
SECOND_OFFICER = Part(
    "k.brandt",
    "Karin Brandt",
    "Model risk",
    ("risk_officer",),
    sees="second model risk officer: signs what the first one asks for",
)
COMPLIANCE = Part(
    "l.fontaine",
    "Louise Fontaine",
    "Compliance",
    ("compliance_officer",),
    sees="reviews classifications as compliance officer, follows incidents",
)
COUNSEL = Part(
    "r.meyer",
    "Robert Meyer",
    "Legal",
    ("legal_counsel",),
    sees="reviews classifications as legal counsel; one waits in his inbox",
)
COMMITTEE = Part(
    "g.alvarez",
    "Gloria Alvarez",
    "Governance committee",
    ("governance_committee",),
    sees="signs for the model governance committee",
)
SECURITY = Part(
    "t.ivanova",
    "Tania Ivanova",
    "Security",
    ("security_officer",),
    sees="reviews generative AI as security officer",
)
PRIVACY = Part(
    "b.haddad",
    "Basma Haddad",
    "Data protection",
    ("privacy_officer",),
    sees="reviews generative AI as privacy officer",
)
AUDITOR = Part("p.novak", "Petra Novak", "Internal audit", ("auditor",), sees="reads everything")
ADMINISTRATOR = Part(
    "admin", "Registry administrator", "Platform", is_administrator=True, sees="manages people"
)
CAST = (
    DEVELOPER,
    OWNER,
    VALIDATOR,
    RISK_OFFICER,
    SECOND_OFFICER,
    COMMITTEE,
    COMPLIANCE,
    COUNSEL,
    SECURITY,
    PRIVACY,
    OPERATOR,
    AUDITOR,
    ADMINISTRATOR,
)


def create(password: str) -> dict[Part, User]:
    """Create the cast, each with the same password."""
    host = command_actor("demo")
    people: dict[Part, User] = {}
    for part in CAST:
        user = accounts.create_user(
            by=host,
            username=part.username,
            display_name=part.name,
            password=password,
            org_unit=part.org_unit,
            is_staff=part.is_administrator,
            is_superuser=part.is_administrator,
        )
        for role in part.duties:
            accounts.grant_duty(user, role, by=host, reason=REASON)
        people[part] = user
    return people


def new_password() -> str:
    """Return a password of five words, different for every data folder."""
    return "-".join(secrets.choice(_WORDS) for _ in range(5))


def sign_ins() -> Path:
    """Return where the sign-ins of the demo are kept."""
    return Path(settings.DATA) / "demo-sign-ins.txt"


def keep(password: str) -> None:
    """Write the sign-ins where only this account reads them."""
    lines = [f"Password for all of them: {password}", ""]
    lines += [f"  {part.username:<12} {part.name}: {part.sees}" for part in CAST]
    path = sign_ins()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(lines) + "\n")
