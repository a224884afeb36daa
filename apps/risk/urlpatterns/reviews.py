from django.urls import URLPattern, path

from apps.risk.views import attestations, campaigns, reviews

_MODEL = "models/<str:name>/"
_CAMPAIGN = "campaigns/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("risk/due/", reviews.due, name="due"),
    path(f"{_MODEL}reviews/", reviews.reviews, name="reviews"),
    path(f"{_MODEL}reviews/plan/", reviews.plan, name="plan_review"),
    path(f"{_MODEL}reviews/carry-out/", reviews.carry_out, name="carry_out_review"),
    path("reviews/<int:pk>/drop/", reviews.drop, name="drop_review"),
    path(f"{_MODEL}attest/", attestations.attest, name="attest"),
    path(f"{_MODEL}attest/passkey/", attestations.ask_passkey, name="ask_attestation_passkey"),
    path(f"{_MODEL}attest/correct/", attestations.correct, name="correct_record"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.begin, name="begin_campaign"),
    path(_CAMPAIGN, campaigns.campaign, name="campaign"),
    path(f"{_CAMPAIGN}progress/", campaigns.progress, name="campaign_progress"),
    path(f"{_CAMPAIGN}end/", campaigns.end, name="end_campaign"),
    path(f"{_CAMPAIGN}<slug:moment>.csv", campaigns.snapshot, name="campaign_snapshot"),
]
