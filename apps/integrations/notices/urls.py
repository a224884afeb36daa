from django.urls import path

from apps.integrations.notices import views

app_name = "notices"

urlpatterns = [
    path("", views.notices, name="list"),
    path("read/", views.read_all, name="read_all"),
    path("mail/", views.mail, name="mail"),
    path("<int:pk>/read/", views.read, name="read"),
]
