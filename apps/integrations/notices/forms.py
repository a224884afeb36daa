"""What people choose about their notices."""

from collections.abc import Mapping
from typing import Any

from django import forms

from apps.integrations.notices.kinds import KINDS, How

MOST_NUMBER = 2**63 - 1


class MarkAllForm(forms.Form):
    """Up to which notice all are marked as read: the newest that was shown."""

    up_to = forms.IntegerField(min_value=1, max_value=MOST_NUMBER, widget=forms.HiddenInput)


class MailForm(forms.Form):
    """How each kind of notice is to come by mail."""

    def __init__(self, *args: Any, chosen: Mapping[str, How], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in KINDS.values():
            self.fields[kind.id] = forms.ChoiceField(
                label=kind.title, choices=How.choices, initial=chosen[kind.id].value
            )
