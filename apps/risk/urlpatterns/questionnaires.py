from django.urls import URLPattern, path

from apps.risk.views import questionnaire_drafts, questionnaire_signing, questionnaires

_ALL = "questionnaires/"
_SHIPPED = "questionnaires/shipped/<slug:shipped>/"
_ONE = "questionnaires/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(_ALL, questionnaires.listed, name="questionnaires"),
    path(f"{_ALL}draft/", questionnaire_drafts.begin, name="draft_questionnaire"),
    path(_SHIPPED, questionnaires.shipped, name="shipped_questionnaire"),
    path(
        f"{_SHIPPED}questionnaire.yaml",
        questionnaires.shipped_text,
        name="shipped_questionnaire_text",
    ),
    path(
        f"{_SHIPPED}preview/", questionnaires.preview_shipped, name="preview_shipped_questionnaire"
    ),
    path(
        f"{_SHIPPED}retire/",
        questionnaire_signing.retire_shipped,
        name="retire_shipped_questionnaire",
    ),
    path(_ONE, questionnaires.questionnaire, name="questionnaire"),
    path(f"{_ONE}questionnaire.yaml", questionnaires.text, name="questionnaire_text"),
    path(f"{_ONE}comparison/", questionnaires.comparison, name="compare_questionnaire"),
    path(f"{_ONE}preview/", questionnaires.preview, name="preview_questionnaire"),
    path(f"{_ONE}edit/", questionnaire_drafts.edit, name="edit_questionnaire"),
    path(f"{_ONE}drop/", questionnaire_drafts.drop, name="drop_questionnaire"),
    path(f"{_ONE}propose/", questionnaire_drafts.propose, name="propose_questionnaire"),
    path(f"{_ONE}sign/", questionnaire_signing.sign, name="sign_questionnaire"),
    path(
        f"{_ONE}sign/passkey/",
        questionnaire_signing.ask_passkey,
        name="ask_questionnaire_passkey",
    ),
    path(f"{_ONE}decline/", questionnaire_signing.decline, name="decline_questionnaire"),
    path(f"{_ONE}publish/", questionnaire_signing.publish, name="publish_questionnaire"),
    path(f"{_ONE}retire/", questionnaire_signing.retire, name="retire_questionnaire"),
    path(f"{_ONE}again/", questionnaire_signing.offer_again, name="offer_questionnaire_again"),
]
