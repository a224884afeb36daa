"""Pages of every kind of access, to ask who may open them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from apps.accounts import access, signing_in
from apps.accounts.access import ActorRequest
from apps.core.errors import DomainError


def show(request: ActorRequest) -> HttpResponse:
    """Answer with who asks."""
    return JsonResponse(
        {
            "actor": request.actor.id,
            "door": request.actor.door,
            "auth": request.actor.auth,
            "person": request.actor.is_person,
            "user": request.user.pk,
            "session": request.actor.session,
            "request": str(request.actor.request_id),
        }
    )


@access.public
def for_all(request: ActorRequest) -> HttpResponse:
    return show(request)


@access.signed_in
def for_people(request: ActorRequest) -> HttpResponse:
    return show(request)


@access.staff_only
def for_staff(request: ActorRequest) -> HttpResponse:
    return show(request)


@access.by_token
def for_programs(request: ActorRequest) -> HttpResponse:
    return show(request)


@access.signed_in
def sign(request: ActorRequest) -> HttpResponse:
    """Ask for the password, as whatever is signed does."""
    try:
        signing_in.confirm_password(request, request.POST["password"])
    except DomainError as refusal:
        return HttpResponse(str(refusal), status=403)
    return show(request)


@access.public
def kept_short(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"Cache-Control": "max-age=5", "Permissions-Policy": "usb=()"})


urlpatterns = [
    path("", for_people),
    path("forgotten/", show),
    path("for-all/", for_all),
    path("for-people/", for_people),
    path("for-staff/", for_staff),
    path("for-programs/", for_programs),
    path("sign/", sign),
    path("kept-short/", kept_short),
    path("", include("registry_site.urls")),
]
