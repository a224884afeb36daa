from django.urls import path

from apps.accounts.views import account, confirming, factors, signing_on

app_name = "accounts"

urlpatterns = [
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-in/organization/", signing_on.go, name="sign_on"),
    path("sign-in/organization/back/", signing_on.come_back, name="come_back"),
    path("sign-in/organization/leave/", signing_on.leave, name="leave_provider"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("password/", account.password, name="password"),
    path("account/", account.account, name="account"),
    path("account/tokens/", account.create_token, name="create_token"),
    path("account/tokens/<int:pk>/revoke/", account.revoke_token, name="revoke_token"),
    path("account/tokens/<int:pk>/renew/", account.renew_token, name="renew_token"),
    path("account/calendar/", account.subscribe, name="subscribe"),
    path("account/confirm/", confirming.confirm, name="confirm"),
    path("account/confirm/passkey/", confirming.ask_passkey, name="ask_passkey"),
    path("account/confirm/organization/", signing_on.step_up, name="step_up"),
    path("account/factors/", factors.factors, name="factors"),
    path("account/factors/app/", factors.add_code_device, name="add_code_device"),
    path("account/factors/app/remove/", factors.remove_code_device, name="remove_code_device"),
    path("account/factors/passkeys/", factors.add_passkey, name="add_passkey"),
    path("account/factors/passkeys/new/", factors.ask_new_passkey, name="ask_new_passkey"),
    path(
        "account/factors/passkeys/<int:pk>/remove/", factors.remove_passkey, name="remove_passkey"
    ),
    path("account/factors/recovery-codes/", factors.recovery_codes, name="recovery_codes"),
]
