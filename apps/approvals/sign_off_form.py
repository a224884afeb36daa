"""The form of a sign-off: a decision in one slot, and the conditions an approval is tied to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from apps.accounts import roles
from apps.accounts.forms import ConfirmingForm
from apps.accounts.models import User
from apps.approvals.forms import REASON_HINT, Choices, PersonField
from apps.approvals.models import SignOff
from apps.approvals.operations import Asked
from apps.approvals.operations.signing import MOST_CONDITIONS
from apps.approvals.signers import Seat

ROWS = 3
"""How many conditions a form has room for at first, and how many are added at a time."""
_PARTS = ("text", "owner", "due")
_MISSING = {
    "text": "Say what has to be done.",
    "owner": "Name who does it.",
    "due": "Say by when.",
}
_DECISIONS = [
    (SignOff.Decision.APPROVE, "approve"),
    (SignOff.Decision.APPROVE_WITH_CONDITIONS, "approve with conditions"),
    (SignOff.Decision.ASK_FOR_CHANGES, "ask for changes"),
    (SignOff.Decision.DECLINE, "decline"),
]


@dataclass(frozen=True)
class Row:
    """The fields of one condition."""

    number: int
    text: forms.BoundField
    owner: forms.BoundField
    due: forms.BoundField

    @property
    def is_typed(self) -> bool:
        """Whether something was typed, so that it stays in sight whatever is decided."""
        return any(str(part.value() or "").strip() for part in (self.text, self.owner, self.due))


class SignOffForm(ConfirmingForm):
    """One person's decision in one slot, with the ticket that says what was shown.

    It shows the roles the person can sign in and takes any, so that the operation answers for one
    that was lost meanwhile. Nothing is filled in before.
    """

    ticket = forms.CharField(widget=forms.HiddenInput)
    role = forms.ChoiceField(
        label="As",
        choices=roles.CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "Say in which role."},
    )
    decision = forms.ChoiceField(
        label="I",
        choices=_DECISIONS,
        widget=Choices,
        error_messages={"required": "Say what you decide."},
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        people: Sequence[User] = (),
        asks_reason: bool = True,
        rows: int = 0,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.people = people
        self.asks_reason = asks_reason
        self.row_count = min(max(rows, ROWS, _rows_in(data)), MOST_CONDITIONS)
        for number in range(1, self.row_count + 1):
            self.fields |= _fields(number, people)
        self.confirm_last()
        reason = self.fields["reason"]
        reason.required = asks_reason
        reason.error_messages["required"] = "Give a reason."
        is_asked = "" if asks_reason else "Only a plain approval goes without. "
        reason.help_text = is_asked + REASON_HINT

    @classmethod
    def with_more_rows(cls, data: QueryDict, **about: Any) -> "SignOffForm":
        """Return what was typed with room for more conditions; nothing is judged, secrets go."""
        kept = {name: value for name, value in data.items() if name not in cls.secret_names()}
        return cls(rows=_rows_in(data) + ROWS, initial=kept, **about)

    @staticmethod
    def secret_names() -> frozenset[str]:
        """The fields whose content never comes back."""
        return frozenset(ConfirmingForm.base_fields) | {"ticket"}

    @property
    def rows(self) -> list[Row]:
        """The fields of each condition."""
        return [
            Row(number, *(self[_name(part, number)] for part in _PARTS))
            for number in range(1, self.row_count + 1)
        ]

    @property
    def is_full(self) -> bool:
        """Whether no more conditions fit."""
        return self.row_count >= MOST_CONDITIONS

    def clean_decision(self) -> SignOff.Decision:
        return SignOff.Decision(self.cleaned_data["decision"])

    def clean(self) -> dict[str, Any]:
        """Ask for the reason a decision needs, and take the conditions that were typed."""
        values = super().clean()
        decision = values.get("decision")
        is_plain = decision in {None, SignOff.Decision.APPROVE}
        if not values.get("reason") and "reason" not in self.errors and not is_plain:
            self.add_error("reason", "Give a reason.")
        typed = [number for number in range(1, self.row_count + 1) if self._is_typed(number)]
        found = [self._condition(number, values) for number in typed]
        return values | {"conditions": [one for one in found if one is not None]}

    @property
    def asked(self) -> dict[str, Any]:
        """What the operation takes."""
        names = ("ticket", "role", "decision", "reason", "conditions")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def offer(self, seats: Sequence[Seat], *, ticket: str, may_approve: bool) -> None:
        """Show the slots a person may sign in, and a ticket for what is shown; the rest stays."""
        role, decision = self.fields["role"], self.fields["decision"]
        assert isinstance(role, forms.ChoiceField)
        if len(seats) == 1:
            role.widget = forms.HiddenInput()
            role.initial = seats[0].rule.role
            self["decision"].label = f"As {seats[0].rule.signer}{in_whose_place(seats[0])}, I"
        else:
            role.choices = [(one.rule.role, one.rule.title + in_whose_place(one)) for one in seats]
        if not may_approve:
            assert isinstance(decision.widget, Choices)
            decision.widget.closed = {yes.value for yes in SignOff.YES}
        self.initial["ticket"] = ticket
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["ticket"] = ticket

    def _is_typed(self, number: int) -> bool:
        sent = (str(self.data.get(_name(part, number), "")) for part in _PARTS)
        return any(value.strip() for value in sent)

    def _condition(self, number: int, values: Mapping[str, Any]) -> Asked | None:
        """Return a condition, or say at its fields what is missing."""
        given: dict[str, Any] = {part: values.get(_name(part, number)) for part in _PARTS}
        for part, value in given.items():
            if not value and _name(part, number) not in self.errors:
                self.add_error(_name(part, number), _MISSING[part])
        return Asked(**given) if all(given.values()) else None


def in_whose_place(seat: Seat) -> str:
    """Say for whom somebody signs, when it is not for themselves."""
    return f", for {seat.on_behalf_of}" if seat.on_behalf_of else ""


def _name(part: str, number: int) -> str:
    return f"{part}_{number}"


def _fields(number: int, people: Sequence[User]) -> dict[str, forms.Field]:
    return {
        _name("text", number): forms.CharField(
            label=f"Condition {number}",
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2}),
        ),
        _name("owner", number): PersonField(f"Who does condition {number}", people),
        _name("due", number): forms.DateField(
            label=f"Condition {number} is due",
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}),
            error_messages={"invalid": "Give a day as 2026-12-31."},
        ),
    }


def _rows_in(data: Mapping[str, Any] | None) -> int:
    """Return for how many conditions a form that was sent had room."""
    numbers = range(1, MOST_CONDITIONS + 1)
    return sum(_name("text", number) in data for number in numbers) if data else 0
