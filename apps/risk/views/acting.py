"""A page of one form that does one thing: shown, refused with what was typed, or done."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.core.errors import DomainError


class Shown(Protocol):
    """Something with a page of its own."""

    def get_absolute_url(self) -> str: ...


FORM = ["GET", "HEAD", "POST"]


def answered(
    request: HttpRequest,
    form: forms.Form,
    carry_out: Callable[..., object],
    page: Mapping[str, Any],
    *,
    done: str,
    to: Shown | str,
) -> HttpResponse:
    """Carry out what a form asks, go on, and say so; or show the form with what is in the way.

    ``page`` holds title, lead, crumbs, here, button, kind?, back and facts?.
    """
    if form.is_valid():
        try:
            carry_out(**form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(to)
    status = 422 if form.errors else 200
    return render(request, "risk/act.html", {**page, "form": form}, status=status)
