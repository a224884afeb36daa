"""The admin for operators: entered through our own sign-in page, read-only on governed rows."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from apps.accounts import signing_in


class SignetAdminSite(AdminSite):
    """Open to people in a session who may enter it; being a superuser opens nothing more."""

    site_header = "Signet administration"
    site_title = "Signet administration"
    index_title = "People, records and work"
    index_template = "admin/governed/index.html"
    enable_nav_sidebar = False

    def has_permission(self, request: Any) -> bool:
        user = request.user
        return bool(user.is_active and user.is_staff and request.actor.is_person)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the sign-in page everybody uses."""
        return redirect(f"/sign-in/?{urlencode({'next': '/admin/'})}")

    def logout(  # type: ignore[override]  # Django answers with a page, we with a redirect
        self, request: Any, extra_context: Any = None
    ) -> HttpResponse:
        """End the session, recorded as anywhere."""
        signing_in.sign_out(request)
        return redirect("accounts:sign_in")

    def password_change(  # type: ignore[override]  # as above
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the page where everybody changes their password."""
        return redirect("accounts:password")


site = SignetAdminSite(name="admin")
