"""The rules of `test_every_address`: who may call each address, and what everybody else is told."""

import re
from dataclasses import dataclass

from tests.identity.world import CALLERS, PEOPLE, SCOPES, TEXT

EVERYBODY = CALLERS
SIGNED_IN = (*PEOPLE, "superuser")
SEES = ("owner", "teammate", "platform", "auditor", "superuser")
CHANGES = ("owner", "teammate", "platform", "superuser")
PLATFORM = ("platform", "superuser")
ADMIN = ("admin", "superuser")
OPERATES = ("platform", "admin", "superuser")
READS_TRAIL = ("auditor", "admin", "superuser")
SUPERUSER = ("superuser",)
# Programs beside the people: by their scopes.
READING = ("token read", "token of search", "token of owner", "token of stranger")
ASKING = ("token request", "token of search", "token of owner", "token of stranger")


@dataclass(frozen=True)
class Rule:
    """`refusal` is what those who may not are told: `refused` (403) or `unseen` (404). `answers` are the programs that get
    as far as being compared with the object; the others lack the scope and are refused. `seen_by` see the object, so that
    no secret is kept by not naming it. What `is_signed` wants a signature from everybody; what `leads_nowhere` is nowhere
    for those who may look."""

    method: str
    address: str
    may: tuple[str, ...]
    refusal: str = "refused"
    answers: tuple[str, ...] = ()
    takes_tokens: bool = False
    seen_by: tuple[str, ...] = ()
    programs_only: bool = False
    is_signed: bool = False
    leads_nowhere: bool = False

    @property
    def is_djangos(self) -> bool:
        return self.address.startswith("admin/")

    def is_answered_to(self, who: str) -> bool:
        return who not in SCOPES or who in self.answers

    def filled(self, places: dict[str, str]) -> str:
        """The address with something in each of its places; an object of the admin by its model."""
        if self.address == "login/once/<int:pk>/<str:token>":
            return places["once"]
        if self.address.startswith("invitations/"):
            return places["invitation"]
        if self.address in ONE_THAT_FITS:
            return f"/{ONE_THAT_FITS[self.address]}"
        model = re.search(r"admin/\w+/(\w+)/<", self.address)
        known = places | {"object_id": places.get(model[1], "1") if model else "1"}
        known |= {
            "pk": "1",
            "id": places["user"],
            "type": "rds",
            "name": "rds",
            "content_type_id": "999999",
        }
        if self.address.startswith("settings/tokens/"):
            known["number"] = places["token"]
        if self.address.startswith("people/"):
            known["number"] = places["person"]
        if self.address.startswith("teams/"):
            known["number"] = places["team"]
        if self.address.startswith("audit/"):
            known["number"] = places["event"]
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda place: known[place[1]], self.address)


# Addresses that are regular expressions or want a query, and one that fits each.
ONE_THAT_FITS = {
    "api/v1/requests": "api/v1/requests?user=ana",
    "admin/^(?P<app_label>auth|provisioning)/$": "admin/provisioning/",
    "admin/(?P<url>.*)$": "admin/nothing-here",
}


def get(address: str, may: tuple[str, ...], refusal: str = "refused") -> Rule:
    return Rule("GET", address, may, refusal)


def post(address: str, may: tuple[str, ...], refusal: str = "refused") -> Rule:
    return Rule("POST", address, may, refusal)


def program(method: str, address: str, may: tuple[str, ...], answers: tuple[str, ...] = ()) -> Rule:
    refusal = "unseen" if answers else "refused"
    return Rule(method, address, may, refusal, answers, takes_tokens=True)


ON_PEOPLE = ("link", "sign-out", "factors", "disable", "enable")
KEY = "/factors/keys/<int:pk>"
OWN_FORMS = (
    "/password", "/sessions", "/confirm", "/confirm/code", "/confirm/key", "/factors/app",
    "/factors/codes/new", "/factors/keys/new", KEY, f"{KEY}/remove",
)  # fmt: skip
OWN_PAGES = ("", "/factors", "/factors/keys", *OWN_FORMS)
NOT_SET_UP = ("factors/app/remove", "factors/codes", "factors/codes/file")
PAGES = [
    get("", SIGNED_IN),
    post("preview", SIGNED_IN),
    # Who has the link may read it, whoever made the preview.
    Rule("GET", "p/<str:token>", SIGNED_IN, leads_nowhere=True),
    get("requests", SIGNED_IN),
    post("requests", SIGNED_IN),
    get("requests/rows", SIGNED_IN),
    get("requests/<slug:request_id>", SEES, "unseen"),
    get("requests/<slug:request_id>/live", SEES, "unseen"),
    get("requests/<slug:request_id>/files.zip", SEES, "unseen"),
    get("pulls", SIGNED_IN),
    get("pulls/<int:number>", SEES, "unseen"),
    post("pulls/<int:number>/close", PLATFORM),
    post("pulls/<int:number>/merge", PLATFORM),
    get("catalog", SIGNED_IN),
    get("catalog/<slug:name>", SIGNED_IN),
    get("audit", READS_TRAIL),
    get("audit/new", READS_TRAIL),
    get("audit/export", READS_TRAIL),
    get("audit/<int:number>", READS_TRAIL),
    get("operations", OPERATES),
    get("settings/tokens", SIGNED_IN),
    post("settings/tokens", SIGNED_IN),
    post("settings/tokens/<int:number>/revoke", ("owner", *ADMIN), "unseen"),
    get("people", ADMIN),
    post("people", ADMIN),
    get("people/<int:number>", ADMIN),
    post("people/<int:number>", ADMIN),
    *(post(f"people/<int:number>/{verb}", ADMIN) for verb in ON_PEOPLE),
    get("teams", ADMIN),
    post("teams", ADMIN),
    get("teams/<int:number>", ADMIN),
    post("teams/<int:number>", ADMIN),
    post("teams/<int:number>/remove", ADMIN),
    *(get(f"account{page}", SIGNED_IN) for page in OWN_PAGES),
    *(post(f"account{page}", SIGNED_IN) for page in OWN_FORMS),
    *(Rule("GET", f"account/{page}", SIGNED_IN, leads_nowhere=True) for page in NOT_SET_UP),
    Rule("POST", "account/factors/app/remove", SIGNED_IN, leads_nowhere=True),
    Rule("POST", "account/connect", SIGNED_IN, leads_nowhere=True),
    Rule("GET", "login/sso", EVERYBODY, leads_nowhere=True),
    Rule("GET", "login/sso/callback", EVERYBODY, leads_nowhere=True),
    get("login/sso/cancelled", EVERYBODY),
    get("login/disabled", EVERYBODY),
    get("login/factor", EVERYBODY),
    post("login/factor", EVERYBODY),
    get("login/passkey", EVERYBODY),
    post("login/passkey", EVERYBODY),
    get("invitations/<int:pk>/<str:token>", EVERYBODY),
    post("invitations/<int:pk>/<str:token>", EVERYBODY),
    get("login", EVERYBODY),
    post("login", EVERYBODY),
    get("login/once/<int:pk>/<str:token>", EVERYBODY),
    post("logout", EVERYBODY),
    post("theme", EVERYBODY),
]
# An auditor sees the request and is told who may: it is no secret to them.
CHANGING = [
    Rule("POST", f"requests/<slug:request_id>/{verb}", CHANGES, "unseen", seen_by=("auditor",))
    for verb in ("cancel", "retry", "answer")
]
OF_A_REQUEST = [
    program(
        "GET",
        f"api/v1/requests/<request_id>/{part}",
        (*SEES, "token read", "token of owner"),
        READING,
    )
    for part in ("status", "events", "files", "files.zip")
]
# A token that may ask and not read changes nothing either: it does not see the request.
CHANGING_API = [
    Rule(
        "POST",
        f"api/v1/requests/<request_id>/{verb}",
        (*CHANGES, "token of owner"),
        "unseen",
        ASKING,
        takes_tokens=True,
        seen_by=("auditor",),
    )
    for verb in ("cancel", "retry")
]
API = [
    *OF_A_REQUEST,
    *CHANGING_API,
    get("openapi.json", EVERYBODY),
    get("docs", EVERYBODY),
    program("GET", "api/v1/health", EVERYBODY),
    program("POST", "api/v1/provision", (*SIGNED_IN, *ASKING)),
    program("POST", "api/v1/dry-run", (*SIGNED_IN, *ASKING)),
    program("GET", "api/v1/requests", (*SIGNED_IN, *READING)),
    program("GET", "api/v1/catalog", (*SIGNED_IN, *READING)),
    program("GET", "api/v1/catalog/<type>", (*SIGNED_IN, *READING)),
    Rule("GET", "metrics", ("token metrics",), takes_tokens=True, programs_only=True),
    Rule("POST", "api/v1/webhooks/github", (), takes_tokens=True, is_signed=True),
]
NOBODY: tuple[str, ...] = ()
ADMINS_PAGES = [
    get("admin/", ADMIN),
    get("admin/login/", SIGNED_IN),
    post("admin/logout/", ADMIN),
    get("admin/password_change/", ADMIN),
    get("admin/password_change/done/", ADMIN),
    get("admin/autocomplete/", NOBODY),  # no list of the site completes anything
    get("admin/jsi18n/", ADMIN),
    get("admin/^(?P<app_label>auth|provisioning)/$", ADMIN),
    get("admin/auth/user/<id>/password/", SUPERUSER),
    post("admin/auth/user/<id>/password/", SUPERUSER),
    Rule("GET", "admin/(?P<url>.*)$", ADMIN, leads_nowhere=True),
    Rule("GET", "admin/r/<path:content_type_id>/<path:object_id>/", ADMIN, leads_nowhere=True),
]
OBJECT = "<path:object_id>"


def of_djangos(model: str) -> list[Rule]:
    """Users and groups are the superusers' to change."""
    pages = ("", "add/", f"{OBJECT}/history/", f"{OBJECT}/delete/", f"{OBJECT}/change/")
    rules = [get(f"admin/auth/{model}/{page}", SUPERUSER) for page in pages]
    rules += [
        post(f"admin/auth/{model}/{page}", SUPERUSER) for page in pages if "history" not in page
    ]
    return [*rules, get(f"admin/auth/{model}/{OBJECT}/", ADMIN)]


def of_stored(model: str) -> list[Rule]:
    """What is stored is read by administrators and changed by nobody."""
    base = f"admin/provisioning/{model}"
    read = ("", f"{OBJECT}/history/", f"{OBJECT}/change/", f"{OBJECT}/")
    changed = ("add/", f"{OBJECT}/delete/", f"{OBJECT}/change/")
    rules = [get(f"{base}/{page}", ADMIN) for page in read]
    rules += [post(f"{base}/{page}", NOBODY) for page in changed]
    return [*rules, get(f"{base}/add/", NOBODY), get(f"{base}/{OBJECT}/delete/", NOBODY)]


ADMINS = [
    *ADMINS_PAGES,
    *of_djangos("user"),
    *of_djangos("group"),
    *of_stored("provisionrequest"),
    *of_stored("requestevent"),
    *of_stored("pullrequest"),
]
RULES = [*PAGES, *CHANGING, *API, *ADMINS]
BODIES: dict[str, dict[str, str]] = {
    "preview": {"text": TEXT},
    "requests": {"text": TEXT},
    "api/v1/provision": {"request": TEXT, "requester": "somebody"},
    "api/v1/dry-run": {"request": TEXT, "requester": "somebody"},
}
