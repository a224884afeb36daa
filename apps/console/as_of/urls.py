"""Where the past is shown: beside each page it is the past of."""

from django.urls import path

from apps.console.as_of import views

as_of_pages = [
    path("as-of/", views.production, name="production"),
    path("as-of/production.csv", views.production_csv, name="production_csv"),
    path("models/<str:name>/as-of/", views.model, name="model"),
    path("models/<str:name>/versions/<int:number>/as-of/", views.version, name="version"),
    path("promotions/<int:pk>/as-of/", views.promotion, name="promotion"),
    path("policies/<int:pk>/as-of/", views.policy, name="policy"),
]
