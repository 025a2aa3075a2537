"""The provider of the settings, as allauth knows providers."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from django.urls import reverse

from provisioning import wiring
from provisioning.identity.sso import fetching
from provisioning.identity.sso.claims import ClaimNames, Identity, identity
from provisioning.identity.sso.id_token import IdTokenError, verified

PROVIDER = "sso"
DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


class Flow(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # untyped
    """allauth's, with the checks that it leaves out: who issued, whose signature, about whom."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Fetched once in each call; raises `OAuth2Error` or `requests.RequestException`."""
        if not hasattr(self, "_openid_config"):
            self._openid_config = _discovered()
        return self._openid_config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return callback_address(request)

    def parse_token(self, data: Mapping[str, Any]) -> SocialToken:
        """Used once and not stored, so that nobody asks how long it lasts."""
        return SocialToken(token=str(data["access_token"]))

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        answer = kwargs["response"]
        claims = self._decode_id_token(app, answer.get("id_token"))
        userinfo = self._fetch_user_info(token.token)
        # Core, section 5.3.2: otherwise a token of one person would fetch another one's claims.
        if not isinstance(userinfo, dict) or userinfo.get("sub") != claims["sub"]:
            raise OAuth2Error("The provider's claims are about somebody else.")
        data = {"id_token": claims, "userinfo": userinfo}
        return self.get_provider().sociallogin_from_response(request, data)

    def _decode_id_token(self, app: SocialApp, id_token: object) -> dict[str, Any]:
        if not isinstance(id_token, str):
            raise OAuth2Error("The provider sent no ID token.")
        keys = fetching.fetch_object(self.openid_config["jwks_uri"])
        try:
            return verified(id_token, keys, self.openid_config["issuer"], app.client_id)
        except IdTokenError as error:
            raise OAuth2Error(str(error)) from error


class SingleSignOn(OpenIDConnectProvider):  # type: ignore[misc]  # untyped
    oauth2_adapter_class = Flow
    pkce_enabled_default = True

    def sociallogin_from_response(
        self, request: HttpRequest, data: Mapping[str, Any]
    ) -> SocialLogin:
        """`identity` is what counts. Nothing else of the claims is stored: they may be long and say more than is needed."""
        portal = wiring.portal()
        how = ClaimNames(portal.oidc_groups_claim, portal.oidc_trust_email)
        found = identity(data["id_token"], data["userinfo"], how)
        login = super().sociallogin_from_response(request, {"identity": found})
        login.identity = found
        return login

    def extract_uid(self, data: Mapping[str, Identity]) -> str:
        return data["identity"].key

    def extract_extra_data(self, data: Mapping[str, Identity]) -> dict[str, str]:
        return {"issuer": str(wiring.portal().oidc_issuer)}

    def extract_common_fields(self, data: Mapping[str, Identity]) -> dict[str, str]:
        return {"name": data["identity"].name}

    def extract_email_addresses(self, data: Mapping[str, Identity]) -> list[Any]:
        """None: a `Person` holds the address, and an address alone never finds an account."""
        return []


def configured() -> SocialApp | None:
    """None where the settings name no provider."""
    portal = wiring.portal()
    if not portal.oidc_issuer or not portal.oidc_client_secret:
        return None
    return SocialApp(
        provider=OpenIDConnectProvider.id,
        provider_id=PROVIDER,
        name=portal.oidc_name,
        client_id=portal.oidc_client_id,
        secret=portal.oidc_client_secret.get_secret_value(),
        settings={"server_url": portal.oidc_issuer, "scope": list(portal.oidc_scopes)},
    )


def callback_address(request: HttpRequest) -> str:
    """As it is registered with the provider: behind a proxy, the call itself does not know it."""
    path = reverse("sso_callback")
    public = wiring.portal().public_url
    return urljoin(public, path) if public else request.build_absolute_uri(path)


def _discovered() -> dict[str, Any]:
    issuer = str(wiring.portal().oidc_issuer)
    found = fetching.fetch_object(issuer + DISCOVERY)
    missing = [name for name in ENDPOINTS if not isinstance(found.get(name), str)]
    if missing:
        raise OAuth2Error(f"The provider does not name its {', '.join(missing)}.")
    # Settings lose a final slash, and an issuer may have one.
    if found["issuer"].rstrip("/") != issuer:
        raise OAuth2Error(f"OIDC_ISSUER is {issuer}, and who answers there is {found['issuer']}.")
    return found
