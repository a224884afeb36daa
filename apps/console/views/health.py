"""One word for load balancers and supervisors: whether this process can serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from apps.accounts.access import public
from apps.audit.sealing import alarms
from apps.audit.unrecorded import Unrecorded
from apps.core.clock import database_now


@public
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers and every refusal could be recorded, else 503.

    What people should look into is named beside it: that is no reason to send nobody here.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM audit_event WHERE id = 0")
        named = alarms.names(now=database_now())
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    if Unrecorded.count:
        return JsonResponse({"status": "record incomplete"}, status=503)
    return JsonResponse({"status": "ok", **({"look into": named} if named else {})})
