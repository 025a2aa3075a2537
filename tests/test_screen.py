import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import CredentialInText, InvalidInput
from provisioning.pipeline.screen import MAX_CHARACTERS, screen, screen_field


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b"])
def test_nothing_said_is_asked_for(text: str) -> None:
    with pytest.raises(InvalidInput, match="Say in one sentence"):
        screen(text)


def test_a_long_text_is_refused_with_both_numbers() -> None:
    assert len(screen("x" * MAX_CHARACTERS)) == MAX_CHARACTERS
    with pytest.raises(InvalidInput, match="4001 characters; 4000"):
        screen("x" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_control_characters_are_named(character: str) -> None:
    with pytest.raises(InvalidInput, match=f"U\\+{ord(character):04X}"):
        screen(f"bucket{character}for logs")


def test_invisible_formatting_is_taken_out() -> None:
    assert screen("buc\u200bket \u202efor\u202c lo\ufeffgs") == "bucket for logs"


# Put together here, so that no scanner takes this file for a leak.
SECRETS = {
    "an AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "a GitHub token": "ghp_" + "a1B2" * 9,
    "an Anthropic key": "sk-ant-" + "api03-" + "x" * 30,
    "a Slack token": "xoxb-" + "1234567890-abcdef",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a JSON Web Token": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0In0.abcdefghijklmno",
    "a URL with a password": "postgres://app:" + "s3cr3t@db.example.com/x",
    "a password": "password: " + "hunter2!",
    "a password in words": "the password is " + "Tr0ub4dor&3",
    "a secret key": "secret_key=" + "wJalrXUtnFEMIK7MDENGbPxRfiCY",
}


@pytest.mark.parametrize(("kind", "secret"), SECRETS.items())
def test_something_like_a_credential_is_refused_by_kind_and_not_repeated(kind: str, secret: str) -> None:
    with pytest.raises(CredentialInText, match=kind) as refusal:
        screen(f"prod postgres for billing, use {secret} please")
    assert secret not in refusal.value.message


@pytest.mark.parametrize(
    "text",
    [
        "a secret for the twilio token, staging",
        "cognito user pool with a password policy of 12 characters",
        "secrets manager secret for the database password, rotation every 30 days",
        "kms key for the api, rotate every 90 days",
        "lambda that reads https://example.com/feed",
    ],
)
def test_talking_about_secrets_is_no_secret(text: str) -> None:
    assert screen(text) == text


@given(st.text())
def test_any_text_is_screened_or_refused_in_words(text: str) -> None:
    try:
        clean = screen(text)
    except InvalidInput as refusal:
        assert refusal.message.endswith(("need.", "it.", "out.", "real."))
    else:
        assert screen(clean) == clean


@given(st.text())
def test_any_field_is_one_visible_line_or_refused(text: str) -> None:
    try:
        clean = screen_field("team", text, 100)
    except InvalidInput as refusal:
        assert refusal.field == "team"
    else:
        assert len(clean.splitlines()) <= 1
        assert len(clean) <= 100
