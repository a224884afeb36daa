"""The pages of exam rooms; ``exam/`` is what the examiner sees, ``exams/`` what the host does."""

from django.urls import path

from apps.console.exams import views

exams_pages = [
    path("exam/", views.mine, name="mine"),
    path("exam/requests/", views.requests, name="requests"),
    path("exams/", views.rooms, name="list"),
    path("exams/new/", views.open_room, name="open"),
    path("exams/<int:pk>/", views.room, name="room"),
    path("exams/<int:pk>/models/", views.add_models, name="add_models"),
    path("exams/<int:pk>/models/<int:model>/withdraw/", views.withdraw, name="withdraw_model"),
    path("exams/<int:pk>/close/", views.close, name="close"),
]
