from django.urls import URLPattern, path

from apps.risk.views import obligations, tiers

_MODEL = "models/<str:name>/"
_TIER = "tier-overrides/<int:pk>/"
_OWED = "obligations/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(f"{_MODEL}tier/", tiers.tier, name="tier"),
    path(f"{_MODEL}tier/ask/", tiers.ask, name="ask_tier"),
    path(_TIER, tiers.override, name="tier_override"),
    path(f"{_TIER}sign/", tiers.sign, name="sign_tier_override"),
    path(f"{_TIER}passkey/", tiers.ask_passkey, name="ask_tier_override_passkey"),
    path(f"{_TIER}withdraw/", tiers.withdraw, name="withdraw_tier_override"),
    path(f"{_MODEL}obligations/", obligations.obligations, name="obligations"),
    path(_OWED, obligations.obligation, name="obligation"),
    path(f"{_OWED}meet/", obligations.meet, name="meet_obligation"),
    path(f"{_OWED}defer/", obligations.defer, name="defer_obligation"),
    path(f"{_OWED}assign/", obligations.assign, name="assign_obligation"),
]
