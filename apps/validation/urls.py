from django.urls import path

from apps.validation import views

app_name = "validation"

_VERSION = "models/<str:name>/versions/<int:number>/checks/"

urlpatterns = [
    path(_VERSION, views.checks, name="checks"),
    path(f"{_VERSION}part/", views.checks_part, name="checks_part"),
    path(f"{_VERSION}run/", views.run_checks, name="run_checks"),
    path(f"{_VERSION}<int:pk>/", views.run, name="run"),
]
