from django.urls import path

from apps.approvals.views import (
    calendar,
    delegations,
    emergencies,
    packs,
    policies,
    policy_drafts,
    policy_signing,
    promotions,
    retirement,
    talk,
    versions,
    waivers,
)

app_name = "approvals"

_PACK = "audit/packs/<int:pk>/"
_POLICY = "policies/<int:pk>/"
_RETIREMENT = "models/<str:name>/retirement/"

urlpatterns = [
    path("promotions/", promotions.promotions, name="promotions"),
    path("promotions/<int:pk>/", promotions.promotion, name="promotion"),
    path("promotions/<int:pk>/sign/", promotions.sign, name="sign"),
    path("promotions/<int:pk>/sign/passkey/", promotions.ask_passkey, name="ask_passkey"),
    path("promotions/<int:pk>/promote/", promotions.promote, name="promote"),
    path("promotions/<int:pk>/withdraw/", promotions.withdraw, name="withdraw"),
    path("promotions/<int:pk>/dossier.json", promotions.dossier, name="dossier"),
    path("promotions/<int:pk>/signatures.json", promotions.signatures, name="signatures"),
    path("promotions/<int:pk>/evidence-pack/", packs.order_of_promotion, name="order_request_pack"),
    path("promotions/<int:pk>/note/", talk.note, name="note_warnings"),
    path("promotions/<int:pk>/comments/", talk.comment, name="comment"),
    path("comments/<int:pk>/reply/", talk.reply, name="reply"),
    path("comments/<int:pk>/resolve/", talk.resolve, name="resolve_comment"),
    path("sign-offs/<int:pk>/answer/", talk.answer, name="answer_dissent"),
    path("sign-off-conditions/<int:pk>/meet/", talk.meet_condition, name="meet_condition"),
    path("sign-offs/<int:pk>/withdraw/", versions.withdraw_sign_off, name="withdraw_sign_off"),
    path("models/<str:name>/versions/<int:number>/promote/", versions.request, name="request"),
    path(
        "models/<str:name>/versions/<int:number>/send-back/", versions.send_back, name="send_back"
    ),
    path(
        "models/<str:name>/versions/<int:number>/set-aside/", versions.set_aside, name="set_aside"
    ),
    path("models/<str:name>/roll-back/", versions.roll_back, name="roll_back"),
    path(
        "models/<str:name>/roll-back/at-once/",
        emergencies.roll_back_at_once,
        name="roll_back_at_once",
    ),
    path("emergencies/", emergencies.emergencies, name="emergencies"),
    path("emergencies/<int:pk>/", emergencies.emergency, name="emergency"),
    path("emergencies/<int:pk>/ratify/", emergencies.ratify, name="ratify"),
    path(
        "emergencies/<int:pk>/ratify/passkey/", emergencies.ask_passkey, name="ask_ratify_passkey"
    ),
    path("emergencies/<int:pk>/review/", emergencies.review, name="review_emergency"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar.ics", calendar.calendar_file, name="calendar_file"),
    path("calendar/subscription.ics", calendar.subscription, name="calendar_subscription"),
    path("account/delegations/", delegations.delegations, name="delegations"),
    path("account/delegations/new/", delegations.delegate, name="delegate"),
    path("account/delegations/<int:pk>/end/", delegations.end, name="end_delegation"),
    path("waivers/", waivers.waivers, name="waivers"),
    path("waivers/<int:pk>/", waivers.waiver, name="waiver"),
    path("waivers/<int:pk>/sign/", waivers.sign, name="sign_waiver"),
    path("waivers/<int:pk>/sign/passkey/", waivers.ask_passkey, name="ask_waiver_passkey"),
    path("waivers/<int:pk>/renew/", waivers.renew, name="renew_waiver"),
    path("waivers/<int:pk>/withdraw/", waivers.withdraw, name="withdraw_waiver"),
    path("waivers/<int:pk>/revoke/", waivers.revoke, name="revoke_waiver"),
    path(
        "models/<str:name>/versions/<int:number>/waivers/ask/", waivers.ask, name="ask_for_waiver"
    ),
    path("models/<str:name>/evidence-pack/", packs.order_of_model, name="order_model_pack"),
    path(
        "models/<str:name>/versions/<int:number>/evidence-pack/",
        packs.order_of_version,
        name="order_version_pack",
    ),
    path("audit/packs/", packs.packs, name="packs"),
    path("audit/packs/order/", packs.order_of_many, name="order_packs"),
    path(_PACK, packs.pack, name="pack"),
    path(f"{_PACK}part/", packs.pack_part, name="pack_part"),
    path(f"{_PACK}repeat/", packs.repeat, name="repeat_pack"),
    path(f"{_PACK}file/", packs.file, name="pack_file"),
    path(_RETIREMENT, retirement.retirement, name="retirement"),
    path(f"{_RETIREMENT}retention/", retirement.set_retention, name="set_retention"),
    path(f"{_RETIREMENT}hold/", retirement.place_hold, name="place_hold"),
    path("legal-holds/<int:pk>/lift/", retirement.lift_hold, name="lift_hold"),
    path("retirements/<int:pk>/ask-disposal/", retirement.ask_disposal, name="ask_disposal"),
    path("retirements/<int:pk>/call-off/", retirement.call_off_disposal, name="call_off_disposal"),
    path("retirements/<int:pk>/dispose/", retirement.dispose, name="dispose"),
    path("policies/", policies.listed, name="policies"),
    path("policies/at/", policies.at, name="policy_at"),
    path("policies/draft/", policy_drafts.begin, name="draft_policy"),
    path("policies/shipped/<slug:shipped>/", policies.shipped, name="shipped_policy"),
    path("policies/shipped/<slug:shipped>/policy.yaml", policies.shipped_text, name="shipped_text"),
    path(_POLICY, policies.policy, name="policy"),
    path(f"{_POLICY}policy.yaml", policies.text, name="policy_text"),
    path(f"{_POLICY}comparison/", policies.comparison, name="compare_policy"),
    path(f"{_POLICY}dry-run/", policies.dry_run, name="dry_run"),
    path(f"{_POLICY}dry-run/part/", policies.dry_run_part, name="dry_run_part"),
    path(f"{_POLICY}edit/", policy_drafts.edit, name="edit_policy"),
    path(f"{_POLICY}drop/", policy_drafts.drop, name="drop_policy"),
    path(f"{_POLICY}propose/", policy_drafts.propose, name="propose_policy"),
    path(f"{_POLICY}sign/", policy_signing.sign, name="sign_policy"),
    path(f"{_POLICY}sign/passkey/", policy_signing.ask_passkey, name="ask_policy_passkey"),
    path(f"{_POLICY}decline/", policy_signing.decline, name="decline_policy"),
    path(f"{_POLICY}publish/", policy_signing.publish, name="publish_policy"),
]
