from django.urls import path

from apps.validation.views import checks

app_name = "validation"

_VERSION = "models/<str:name>/versions/<int:number>/checks/"

urlpatterns = [
    path(_VERSION, checks.checks, name="checks"),
    path(f"{_VERSION}part/", checks.checks_part, name="checks_part"),
    path(f"{_VERSION}run/", checks.run_checks, name="run_checks"),
    path(f"{_VERSION}<int:pk>/", checks.run, name="run"),
]
