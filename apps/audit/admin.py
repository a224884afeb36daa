"""How governed rows appear in the admin: to be read, and acted on only through operations."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse

from apps.audit.governed import GovernedRow
from apps.core.errors import DomainError


class ReasonForm(forms.Form):
    """Asks why, where nothing else is needed."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is kept for good and shown to auditors.",
    )


@dataclass(frozen=True)
class Button:
    """One thing an operator can do: a page with a small form, then one operation.

    ``run`` is called with the row, when the button belongs to one, the actor as ``by`` and the
    fields of the form; the row it returns is shown next. ``shown`` says on which rows it makes
    sense, so that nobody is led to a refusal.
    """

    slug: str
    label: str
    run: Callable[..., GovernedRow]
    form: type[forms.Form] = ReasonForm
    on_row: bool = True
    shown: Callable[[Any], bool] | None = None

    def fits(self, row: GovernedRow) -> bool:
        """Say whether the button belongs on the page of a row."""
        return self.on_row and (self.shown is None or self.shown(row))


class ReadOnlyAdmin(ModelAdmin):
    """Shows rows and their history; adds, changes and deletes nothing by itself."""

    actions = None
    buttons: ClassVar[tuple[Button, ...]] = ()
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/governed/change_form.html"
    change_list_template = "admin/governed/change_list.html"
    object_history_template = "admin/governed/history.html"

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:pk>/{button.slug}/" if button.on_row else f"{button.slug}/",
                self.admin_site.admin_view(self.press),
                {"slug": button.slug},
                name=self._name_of(button.slug),
            )
            for button in self.buttons
        ]
        return own + super().get_urls()

    def press(self, request: HttpRequest, slug: str, pk: int | None = None) -> HttpResponse:
        """Ask for what a button needs, carry it out, and show the row that came of it."""
        button = next(button for button in self.buttons if button.slug == slug)
        row = get_object_or_404(self.model, pk=pk) if button.on_row else None
        form = button.form(request.POST if request.method == "POST" else None)
        if form.is_valid():
            subject = () if row is None else (row,)
            try:
                result = button.run(*subject, by=cast(Any, request).actor, **form.cleaned_data)
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, f"{button.label}: done for {result}.")
                return HttpResponseRedirect(self._address_of(result))
        page = {**self.admin_site.each_context(request), "title": button.label}
        page |= {"opts": self.opts, "original": row, "form": form, "button": button}
        status = 422 if form.errors else 200
        return render(request, "admin/governed/press.html", page, status=status)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        buttons = self._drawn(button for button in self.buttons if not button.on_row)
        return super().changelist_view(request, {**(extra_context or {}), "buttons": buttons})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        fitting = (button for button in self.buttons if row is not None and button.fits(row))
        context = {**(extra_context or {}), "buttons": self._drawn(fitting, row)}
        return super().change_view(request, object_id, form_url, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the states a row went through, each with the event that left it."""
        row = get_object_or_404(self.model, pk=object_id)
        states = row.history.select_related("event")[:500] if hasattr(row, "history") else []
        page = {**self.admin_site.each_context(request), **(extra_context or {})}
        page |= {"title": f"History: {row}", "opts": self.opts, "object": row, "states": states}
        return render(request, self.object_history_template, page)

    def _drawn(
        self, buttons: Iterable[Button], row: GovernedRow | None = None
    ) -> list[tuple[str, str]]:
        arguments = [] if row is None else [row.pk]
        return [
            (button.label, reverse(f"admin:{self._name_of(button.slug)}", args=arguments))
            for button in buttons
        ]

    def _address_of(self, row: GovernedRow) -> str:
        """Return the page of a row, or the list of this class when the row has no page here."""
        if not self.admin_site.is_registered(type(row)):
            return reverse(f"admin:{self._name_of('changelist')}")
        opts = row._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])

    def _name_of(self, what: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{what}"
