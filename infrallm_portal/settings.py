"""Django's settings, all of them, from the one `Configuration`."""

import sys
from typing import Any

from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF

from infrallm_portal import PROJECT, configuration
from infrallm_portal.database import postgres

try:
    PORTAL = configuration.load()
    # Without a key, Django refuses to sign, in words.
    SECRET_KEY = "" if configuration.signs_nothing(sys.argv) else configuration.secret_key(PORTAL)
except configuration.SettingsError as error:
    raise SystemExit(str(error)) from None

DEBUG = PORTAL.debug
PLAIN_HTTP = PORTAL.demo or PORTAL.debug or (PORTAL.public_url or "").startswith("http://")
ALLOWED_HOSTS = list(PORTAL.allowed_hosts or configuration.LOOPBACK)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "corsheaders",
    "django_htmx",
    "django_q",
    "ninja",
    "provisioning",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.humanize",
    "infrallm_portal.admin_config.PortalAdminConfig",  # last, so that templates of the apps above come before its own
]

MIDDLEWARE = [
    "provisioning.web.legible_requests.LegibleRequests",
    "provisioning.trail.middleware.trail",
    "provisioning.api.call_ids.call_ids",
    "corsheaders.middleware.CorsMiddleware",
    "provisioning.api.limits.headers",
    "provisioning.api.json_errors.JsonErrors",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "provisioning.web.middleware.refused_in_front",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "provisioning.web.middleware.DatabaseAway",
    "provisioning.web.middleware.head_like_get",
    "provisioning.web.session_limits.SessionLimits",
]

ROOT_URLCONF = "infrallm_portal.urls"
WSGI_APPLICATION = "infrallm_portal.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"portal": "provisioning.web.templatetags.portal"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Connections last: reconnecting for each request costs six times the throughput. No psycopg pool: the worker forks.
DATABASES = {"default": postgres(PORTAL) | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The queue is in the same database as the requests, so that a request and its place in the queue are one transaction.
# A task's time ends well before the queue would hand it out again; attempts are counted on our own row at the claim.
Q_CLUSTER: dict[str, Any] = {
    "name": "provisioning",  # the default lane
    "broker_class": "provisioning.queue.broker.PostgresBroker",
    "orm": "default",
    "lanes": {"provisioning": PORTAL.workers, "reconcile": 1, "maintenance": 1},
    "at_first": ["provisioning.pull_requests.catch_up.look_at_all"],
    "every": {
        "provisioning.queue.claims.release_dead": 1,
        "provisioning.trail.seal.seal_committed": 2,
        "provisioning.trail.checkpoints.make_due": 3600,
        "provisioning.identity.limits.forget_old_windows": 3600,
        "provisioning.identity.sessions.forget_ended": 3600,
        "provisioning.requests.retries.rescue_stalled": 3,
        "provisioning.pull_requests.sync.reconcile": 30,
        "provisioning.pull_requests.conflicts.look_ahead_soon": 60,
        "django_q.scheduler.scheduler": 30,
    },
    "timeout": 300,
    "retry": 360,
    "max_attempts": 0,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "label": "Queue",
}

# Pages of other origins call nothing, but for those that are listed, and those the API only, with a token.
CORS_ALLOWED_ORIGINS = list(PORTAL.cors_origins)
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = (*default_headers, "idempotency-key", "if-none-match")
CORS_EXPOSE_HEADERS = (
    "ETag", "Idempotency-Key", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID",
)  # fmt: skip
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else PORTAL.hsts_seconds
# Only a proxy of ours is believed that the call came over TLS.
if PORTAL.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# TLS ends at the proxy, which also redirects to it; and the portal does not speak for the domains below its own.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(PORTAL.session_max_hours * 3600)
CSRF_TRUSTED_ORIGINS = [PORTAL.public_url] if PORTAL.public_url else []
CSRF_FAILURE_VIEW = "provisioning.api.json_errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login"

# Nobody signs up and no mail is sent: people are invited, or let in by single sign-on. Who is signing in how often is
# counted in Postgres (`identity.limits`), in one place for all ways of signing in.
ACCOUNT_ADAPTER = "provisioning.identity.accounts.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True
SOCIALACCOUNT_ADAPTER = "provisioning.identity.sso.hooks.SingleSignOnHooks"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# An address may change hands at its provider, so it never signs anybody in.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "InfraLLM"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PLAIN_HTTP

# An image is built with `manage.py collectstatic`; without that, static files are served from where they lie.
COLLECTED = PROJECT / "staticfiles"
IS_COLLECTED = (COLLECTED / "staticfiles.json").is_file() or "collectstatic" in sys.argv
STATIC_URL = "static/"
STATIC_ROOT = COLLECTED if IS_COLLECTED else None
STATICFILES_DIRS = [PROJECT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_COLLECTED

LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "infrallm_portal.formats"
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": PORTAL.log_level},
}
