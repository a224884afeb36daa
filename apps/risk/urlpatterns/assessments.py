from django.urls import URLPattern, path

from apps.risk.views import answering, assessment_review, assessments, attachments

_MODEL = "models/<str:name>/assessments/"
_ONE = "assessments/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(_MODEL, assessments.listed, name="assessments"),
    path(f"{_MODEL}start/", assessments.start, name="start_assessment"),
    path(_ONE, assessments.assessment, name="assessment"),
    path(f"{_ONE}sections/<slug:section>/", answering.section, name="assessment_section"),
    path(f"{_ONE}import/", answering.import_answers, name="import_answers"),
    path(f"{_ONE}move/", answering.move, name="move_assessment"),
    path(f"{_ONE}questions/<str:key>/evidence/", attachments.attach, name="attach_evidence"),
    path(f"{_ONE}evidence/<int:attached>/remove/", attachments.remove, name="remove_evidence"),
    path(f"{_ONE}submit/", assessment_review.submit, name="submit_assessment"),
    path(f"{_ONE}take-back/", assessment_review.take_back, name="take_back_assessment"),
    path(f"{_ONE}drop/", assessment_review.drop, name="drop_assessment"),
    path(f"{_ONE}sign/", assessment_review.sign, name="sign_assessment"),
    path(f"{_ONE}sign/passkey/", assessment_review.ask_passkey, name="ask_assessment_passkey"),
    path(f"{_ONE}export/<slug:form>/", assessments.export, name="export_assessment"),
]
