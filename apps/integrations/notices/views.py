"""One's own notices, and how they come by mail."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.core import links
from apps.core.sent import sent_values
from apps.integrations.notices import mailing, queries, reading
from apps.integrations.notices.forms import MailForm, MarkAllForm
from apps.integrations.notices.kinds import KINDS
from apps.integrations.notices.making import choices_of
from apps.validation.checks.contract import counted

PAGE_SIZE = 25


@signed_in
@require_safe
def notices(request: ActorRequest) -> HttpResponse:
    """List what the person was told: unread first, then the newest first."""
    return _list(request)


@signed_in
@require_POST
def read(request: ActorRequest, pk: int) -> HttpResponse:
    """Mark one notice as read; lead on to what it is about when that was asked for."""
    notice = get_object_or_404(queries.notices_of(request.actor), pk=pk)
    reading.mark_read(notice, at=now())
    [line] = queries.lines([notice], request.actor)
    if request.POST.get("then") == "open" and line.is_visible:
        return HttpResponseRedirect(line.href)
    return redirect("notices:list")


@signed_in
@require_POST
def read_all(request: ActorRequest) -> HttpResponse:
    """Mark all notices as read that were there when the list was shown."""
    form = MarkAllForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was marked. Open your notices again, then mark them.")
        return _list(request, status=422)
    marked = reading.mark_all_read(request.actor, at=now(), **form.cleaned_data)
    messages.success(request, f"Marked {counted(marked, 'notice')} as read.")
    return redirect("notices:list")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: ActorRequest) -> HttpResponse:
    """Let a person choose which notices come by mail, and when."""
    chosen = choices_of([request.user.pk])
    form = MailForm(
        sent_values(request), chosen={kind: chosen[request.user.pk, kind] for kind in KINDS}
    )
    if form.is_valid():
        reading.choose_mail(form.cleaned_data, by=request.actor)
        messages.success(request, "Your choice holds for every notice from now on.")
        return redirect("notices:mail")
    page = {
        "form": form,
        "address": request.user.email,
        "is_sent": mailing.is_configured(),
        "daily_at": f"{mailing.DIGEST_AT:%H:%M}",
    }
    return render(request, "integrations/mail.html", page, status=422 if form.errors else 200)


def _list(request: ActorRequest, *, status: int = 200) -> HttpResponse:
    wanted = queries.unread_first(request.actor)
    found = links.page_of(request, wanted, queries.UNREAD_FIRST, PAGE_SIZE)
    newest = queries.notices_of(request.actor).unread().order_by("-pk").first()
    page = {
        "lines": queries.lines(found.rows, request.actor),
        "form": MarkAllForm(initial={"up_to": newest.pk}) if newest else None,
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
    }
    return render(request, "integrations/notices.html", page, status=status)
