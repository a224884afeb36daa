from django.urls import path

from apps.approvals.views import promotions, versions

app_name = "approvals"

urlpatterns = [
    path("promotions/", promotions.promotions, name="promotions"),
    path("promotions/<int:pk>/", promotions.promotion, name="promotion"),
    path("promotions/<int:pk>/sign/", promotions.sign, name="sign"),
    path("promotions/<int:pk>/promote/", promotions.promote, name="promote"),
    path("promotions/<int:pk>/withdraw/", promotions.withdraw, name="withdraw"),
    path("promotions/<int:pk>/dossier.json", promotions.dossier, name="dossier"),
    path("sign-offs/<int:pk>/withdraw/", versions.withdraw_sign_off, name="withdraw_sign_off"),
    path("models/<str:name>/versions/<int:number>/promote/", versions.request, name="request"),
    path("models/<str:name>/roll-back/", versions.roll_back, name="roll_back"),
]
