from django.urls import URLPattern

from apps.risk.urlpatterns import assessments, findings, portfolio, questionnaires, reviews, tiers

app_name = "risk"

urlpatterns: list[URLPattern] = [
    *questionnaires.urlpatterns,
    *portfolio.urlpatterns,
    *assessments.urlpatterns,
    *tiers.urlpatterns,
    *findings.urlpatterns,
    *reviews.urlpatterns,
]
