"""Something like a secret in a text, recognized by the shapes that issuers publish or that secret scanners agree on
(https://github.com/gitleaks/gitleaks, config/gitleaks.toml) and by the words that people put before passwords.
"""

import re
import unicodedata

from provisioning.pipeline import secret_shapes

_INTRODUCED = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd?|passwort|kennwort|contrase[nñ]a|clave|mot de passe|mdp|senha|wachtwoord|parola|пароль"
    r"|パスワード|密码|密碼|비밀번호)"
)
_MEANT = r"(?:is|ist|es|est|é|は|是|为)"
# What may follow "password:" without being one.
_TALK = (
    r"(?!['\"]?(?:rotat|generat|manag|auto|random|required|optional|stor|kept|from\b|see\b|tbd\b|via\b|in\b|none\b|no\b|yes\b|true\b"
    r"|false\b|min|max|length|polic|protect|reset|manager|secrets?\b|at least|we\b|please))"
)
_MIXED = r"(?=\S{0,60}[A-Za-z])(?=\S{0,60}[\d!@#$%^&*])"
_KEY = (
    r"(?:secret|api|access|auth|account|private|client)[_ -]?(?:access[_ -]?)?(?:key|token|secret)"
    r"|token|secret|bearer|credentials?"
)

_SHAPES = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY|PuTTY-User-Key-File|\bAGE-SECRET-KEY-1",
    "an AWS access key": r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})",
    "a GitLab token": r"\bgl(?:pat|dt|rt|cbt|ptt)-[\w-]{20,}",
    "an Anthropic key": r"\bsk-ant-[A-Za-z0-9_-]{20,}",
    "a Stripe key": r"\b(?:[rs]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z]{24,})",
    "an API key": r"\bsk-[A-Za-z0-9_-]{32,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|\b(?:npm|dop_v1|hvs|pypi)[_.-][A-Za-z0-9_-]{30,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[\w-]{20,}|hooks\.slack\.com/services/T\w+/B\w+/\w+",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}|\bya29\.[\w-]{20,}",
    "a JSON Web Token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "a URL with a password": r"\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,100}:[^\s/@]{3,100}@",
    "a secret key": (
        rf"(?i)(?:\b|_)(?:{_KEY})['\"]?\s*(?:is)?\s*[:=]\s*['\"]?{_MIXED}[A-Za-z0-9/+_.~-]{{16,}}"
        rf"|(?:\b|_)(?:{_KEY})\s+(?:is\s+)?['\"]?(?=\S{{0,60}}\d)(?=\S{{0,60}}[A-Za-z])[A-Za-z0-9/+_]{{16,}}(?![\w.-])"
        r"|(?-i:(?<![\w/+=.:-])(?=\S{0,39}[A-Z])(?=\S{0,39}[a-z])(?=\S{0,39}\d)[A-Za-z0-9/+]{40}(?![\w/+=.:-]))"
    ),
    "a password": rf"(?i)(?:\b|_){_INTRODUCED}(?:'s)?['\"]?\s*{_MEANT}?\s*[:=：]\s*{_TALK}\S{{4,}}",  # noqa: RUF001
    "a password in words": (
        rf"(?i)\b(?!clave){_INTRODUCED}(?:'s)?\s+(?:(?:is|ist|es|est|é|should be|must be|set to|to|as|of)\s+)?['\"]?"
        rf"{_TALK}{_MIXED}\S{{6,}}"
        rf"|(?<!\S){_MIXED}\S{{6,60}}\s+(?:as|is)\s+(?:the\s+|my\s+|our\s+|its\s+|a\s+)?(?:\w{{1,20}}\s+)?"
        r"(?:password|passwd|pwd)\b"
    ),
}
# The rules of a scanner of code end a token with a space, a quote or the line: not as sentences do.
_AFTER_WORDS = re.compile(r"[,.;:!?)\]}>]+(?=\s|$)")
_COMPILED = {kind: re.compile(pattern) for kind, pattern in _SHAPES.items()}


def credential(text: str) -> str | None:
    """Which kind of secret the text seems to hold ("a GitHub token"), or None. Letters of full width count as plain ones."""
    forms = (text, unicodedata.normalize("NFKC", text))
    # The portal's own shapes first: their names say more than a scanner's rule.
    for kind, shape in _COMPILED.items():
        if any(shape.search(form) for form in forms):
            return kind
    for form in dict.fromkeys(forms):
        found = _by_scanner(form)
        if found:
            return found
    return None


def _by_scanner(text: str) -> str | None:
    sentence = _AFTER_WORDS.sub(" ", text)
    for rule in secret_shapes.rules():
        if rule.finds(sentence):
            return f"a secret ({rule.id})"
    return None
