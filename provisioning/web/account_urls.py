"""Signing in, and one's own account. Of allauth's pages only those that the portal wants: nobody signs up, and no mail is sent.
The names are those that allauth looks for."""

from allauth.account.views import reauthenticate
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from allauth.usersessions.views import list_usersessions
from django.urls import path

from provisioning.web.views import account, one_time, session, sso
from provisioning.web.views.access import page
from provisioning.web.views.account import with_password
from provisioning.web.views.session import slowed

own, looked_at = page("GET", "POST"), page("GET")

urlpatterns = [
    path("login", session.sign_in, name="account_login"),
    path("login/once/<int:pk>/<str:token>", one_time.sign_in_once, name="login_once"),
    path("login/factor", session.second_factor, name="mfa_authenticate"),
    path("login/passkey", session.passkey, name="mfa_login_webauthn"),
    path("login/disabled", session.inactive, name="account_inactive"),
    path("login/sso", sso.start, name="sso_login"),
    path("login/sso/callback", sso.callback, name="sso_callback"),
    path("login/sso/cancelled", sso.cancelled, name="socialaccount_login_cancelled"),
    path("logout", session.sign_out, name="account_logout"),
    path("invitations/<int:pk>/<str:token>", account.invitation, name="invitation"),
    path("account", account.account, name="account"),
    path("account/password", account.password, name="account_change_password"),
    path("account/connect", sso.connect, name="connect"),
    path("account/sessions", own(list_usersessions), name="usersessions_list"),
    path("account/confirm", slowed(own(reauthenticate)), name="account_reauthenticate"),
    path("account/confirm/code", slowed(own(mfa.reauthenticate)), name="mfa_reauthenticate"),
    path(
        "account/confirm/key",
        slowed(own(keys.reauthenticate_webauthn)),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/factors", looked_at(mfa.index), name="mfa_index"),
    path("account/factors/app", own(with_password(totp.activate_totp)), name="mfa_activate_totp"),
    path("account/factors/app/remove", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "account/factors/codes",
        looked_at(codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/factors/codes/new",
        own(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/factors/codes/file",
        looked_at(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("account/factors/keys", looked_at(keys.list_webauthn), name="mfa_list_webauthn"),
    path(
        "account/factors/keys/new", own(with_password(keys.add_webauthn)), name="mfa_add_webauthn"
    ),
    path("account/factors/keys/<int:pk>", own(keys.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "account/factors/keys/<int:pk>/remove",
        own(keys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
]
