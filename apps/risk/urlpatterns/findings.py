from django.urls import URLPattern, path

from apps.risk.views import findings, incidents, risk_acceptances

_MODEL = "models/<str:name>/"

urlpatterns: list[URLPattern] = [
    path("findings/", findings.findings, name="findings"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/<int:pk>/accept/", risk_acceptances.accept, name="accept_risk"),
    path(
        "findings/<int:pk>/accept/passkey/", risk_acceptances.ask_passkey, name="ask_risk_passkey"
    ),
    path("findings/<int:pk>/<slug:act>/", findings.answer, name="answer_finding"),
    path(f"{_MODEL}findings/", findings.of_model, name="model_findings"),
    path(f"{_MODEL}findings/raise/", findings.raise_finding, name="raise_finding"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/<slug:act>/", incidents.answer, name="answer_incident"),
    path("report-duties/<int:pk>/<slug:act>/", incidents.answer_report, name="answer_report"),
    path(f"{_MODEL}incidents/", incidents.of_model, name="model_incidents"),
    path(f"{_MODEL}incidents/report/", incidents.report, name="report_incident"),
]
