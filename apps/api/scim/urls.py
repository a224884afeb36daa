"""Where a directory calls."""

from django.urls import path

from apps.api.scim.door import answer

app_name = "scim"
urlpatterns = [path("<path:path>", answer, name="door")]
