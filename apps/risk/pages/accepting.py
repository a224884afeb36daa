"""What the page shows on which somebody bears the risk of a finding."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.accounts.signing.terms import TermsTicket
from apps.core.actors import Actor
from apps.core.formats import calendar_day
from apps.risk import finding_rules
from apps.risk.accepting import Offer
from apps.risk.finding_forms import AcceptForm
from apps.risk.models import Finding
from apps.risk.operations.risk_acceptances import ACCEPT_RISK
from apps.risk.pages.finding import SEVERITIES, due_in_words, facts_of


def page_of(
    finding: Finding, reader: Actor, at: datetime, sent: AcceptForm | None = None
) -> dict[str, Any]:
    """Return what the page shows; a form that was refused stays as it was typed."""
    offer = Offer.of(finding, at)
    form, why_not = _form(offer, reader, sent)
    return {
        "finding": finding,
        "severity_tone": SEVERITIES[finding.severity],
        "due": due_in_words(finding, offer.on),
        "attached": finding.attached.select_related("item__model").order_by("pk"),
        "facts": facts_of(finding),
        "sign_form": form,
        "why_not": why_not,
        "limit": f"{offer.says.name} lets a risk of this model be borne for {offer.days} days at "
        f"most: until {calendar_day(offer.last_day)}.",
        "crumbs": [
            ("Findings", reverse("risk:findings")),
            (finding.title, finding.get_absolute_url()),
        ],
    }


def _form(offer: Offer, reader: Actor, sent: AcceptForm | None) -> tuple[AcceptForm | None, str]:
    """Return the form for who may bear the risk, or why this reader may not."""
    why_not = finding_rules.why_not(ACCEPT_RISK, offer.finding, reader)
    seats = [] if why_not else offer.seats(reader)
    free = [seat for seat in seats if seat.is_free]
    if not free:
        refused = dict.fromkeys(seat.why_not for seat in seats)
        return sent, why_not or " ".join(refused) or ACCEPT_RISK.refusal
    form = sent or AcceptForm()
    form.offer(free, ticket=TermsTicket.issue(offer.terms, to=reader).sealed())
    form.limit_to(offer.last_day)
    return form, ""
