"""Each shape of a secret is found in a sentence, and no sentence of the corpora looks like one."""

import json
import random
import string
from pathlib import Path

import pytest

from infrallm_portal import PROJECT
from provisioning.pipeline import secret_shapes
from provisioning.pipeline.credentials import credential

LETTERS, DIGITS = string.ascii_letters, string.digits
HEX, UPPER, LOWER = "0123456789abcdef", string.ascii_uppercase, string.ascii_lowercase
MIXED = LETTERS + DIGITS
# Every kind with its alphabet and length, made up anew: nothing here is or was a key, and no scanner takes it for one.
MADE = [
    ("AK", "IA{}", UPPER + "234567", 16), ("AS", "IA{}", UPPER + "234567", 16), ("gh", "p_{}", MIXED, 36),
    ("gh", "o_{}", MIXED, 36), ("gh", "s_{}", MIXED, 36), ("github", "_pat_{}", MIXED, 82), ("gl", "pat-{}", MIXED, 20),
    ("gl", "rt-{}", MIXED, 20), ("gl", "dt-{}", MIXED, 20), ("sk-", "ant-api03-{}AA", MIXED, 93),
    ("sk-", "proj-{}", MIXED, 48), ("sk", "_live_{}", MIXED, 24), ("rk", "_live_{}", MIXED, 24), ("wh", "sec_{}", MIXED, 32),
    ("SG", ".{}.abcdefghij0123456789ABCDEFGHIJ", MIXED, 22), ("npm", "_{}", MIXED, 36),
    ("pypi-", "AgEIcHlwaS5vcmc{}", MIXED, 60), ("dop", "_v1_{}", HEX, 64), ("hvs", ".{}", MIXED, 95),
    ("xox", "b-123456789012-{}", DIGITS, 13), ("xox", "p-123456789012-{}", DIGITS, 13),
    ("xapp", "-1-A0123456789-{}", DIGITS, 13), ("https://hooks.", "slack.com/services/T0123ABCD/B0123ABCD/{}", MIXED, 24),
    ("AI", "za{}", MIXED, 35), ("ya", "29.{}", MIXED, 60), ("GOC", "SPX-{}", MIXED, 28), ("1/", "/0{}", MIXED, 40),
    ("hf", "_{}", LETTERS, 34), ("api", "_org_{}", LETTERS, 34), ("da", "pi{}", HEX, 32),
    ("0123456789abcd", ".atlasv1.{}", MIXED, 64), ("shp", "at_{}", HEX, 32), ("shp", "ss_{}", HEX, 32),
    ("shp", "ca_{}", HEX, 32), ("https://", "discord.com/api/webhooks/123456789012345678/{}", MIXED, 68),
    ("https://chat.", "googleapis.com/v1/spaces/AAAA/messages?key=x&token={}", MIXED, 40),
    ("https://acme.", "webhook.office.com/webhookb2/{}", HEX, 60),
    ("https://chat.acme.example/", "hooks/{}", LOWER + DIGITS, 26), ("12345678", "9:AA{}", MIXED, 33),
    ("Authorization: ", "Basic {}==", MIXED, 22), ("basic ", "{}=", MIXED, 23),
    ("curl ", "-u admin:{} https://x.example", MIXED, 12), ("Account", "Key={}==", MIXED, 86),
    ("SharedAccess", "Key={}=", MIXED, 43), ("https://x.blob.example/c?sv=1&", "sig={}", MIXED, 44),
    ("https://x.s3.example/o?", "X-Amz-Signature={}", HEX, 64), ("dckr", "_pat_{}", MIXED, 27), ("figd", "_{}1", MIXED, 40),
    ("lin_", "api_{}", MIXED, 40), ("pul", "-{}", HEX, 40), ("sbp", "_{}", HEX, 40), ("gsk", "_{}", MIXED, 52),
    ("ph", "c_{}", MIXED, 43), ("glsa", "_{}", MIXED, 40), ("nfp", "_{}", MIXED, 40), ("r8", "_{}", MIXED, 37),
    ("tskey", "-auth-{}", MIXED, 30), ("PMAK", "-{}", HEX, 58),
    ("AGE-", "SECRET-KEY-1{}", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58), ("AKC", "p{}", MIXED, 69), ("LT", "AI{}", MIXED, 20),
    ("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{}", MIXED, 43), ("-----BEGIN RSA ", "PRIVATE KEY-----{}", MIXED, 20),
    ("-----BEGIN OPENSSH ", "PRIVATE KEY-----{}", MIXED, 20), ("postgres://app:", "{}@db.example/x", MIXED, 12),
    ("redis://:", "{}@cache:6379", MIXED, 12), ("https://user:", "{}@git.example", MIXED, 12), ("dp", ".pt.{}", MIXED, 43),
    ("xkey", "sib-{}-0123456789abcdef", HEX, 64),
]  # fmt: skip
IN_WORDS = [
    "Passwort lautet {}", "das Kennwort ist {}", "Passwort: {}", "mot de passe : {}", "le mot de passe est {}", "contraseña: {}",
    "la contraseña es {}", "a senha é {}", "パスワード: {}", "пароль: {}", "密码: {}", "password: {}", "the password is {}",
    "pwd={}", "db_password = '{}'", "use {} as the password", "admin password set to {}", "wachtwoord is {}", "PIN lautet {}",
]  # fmt: skip


def secrets() -> list[str]:
    chance = random.Random(7)
    made = [
        start + rest.format("".join(chance.choices(alphabet, k=length)))
        for start, rest, alphabet, length in MADE
    ]
    return made + [words.format("Tr0ub4dor3x") for words in IN_WORDS]


@pytest.mark.parametrize(
    "around", ["{}", "prod Postgres for billing, {}.", "{}, and a bucket please"]
)
def test_each_of_more_than_eighty_shapes_is_found(around: str) -> None:
    assert len(secrets()) >= 81
    assert [secret for secret in secrets() if credential(around.format(secret)) is None] == []


ORDINARY = [
    "store the database password in Secrets Manager",
    "rotate the password every 30 days",
    "the password is rotated by the platform",
    "basic authentication for the admin pages",
    "API with basic auth and a WAF",
    "token based authentication for the mobile app",
    "a bucket for hf_models and dapi logs",
    "ECR repo for the image registry.acme.example/shop/cart-api-v2-20251219-1530",
    "queue for commit 0123456789abcdef0123456789abcdef01234567",
    "KMS key arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-0000000000d1",
    "das Passwort wird im Secrets Manager abgelegt",
    "the PIN is shown on the terminal",
    "webhooks/ endpoint behind an API gateway",
    "https://github.com/acme/infrastructure/pull/123 has the same",
]  # fmt: skip


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_sentences_raise_no_alarm(text: str) -> None:
    assert credential(text) is None


def test_no_sentence_of_the_corpus_raises_an_alarm() -> None:
    lines = Path(PROJECT / "tests/corpus/own.jsonl").read_text().splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    assert [text for text in texts if credential(text)] == []


def test_every_rule_is_one_that_re2_reads_and_has_a_keyword_of_its_own() -> None:
    for rule in secret_shapes.rules():
        assert rule.keywords, rule.id
        assert all(keyword == keyword.lower() for keyword in rule.keywords), rule.id
        assert not rule.finds("")
    ids = [rule.id for rule in secret_shapes.rules()]
    assert len(ids) == len(set(ids))


def test_a_placeholder_has_too_little_in_it_for_a_secret() -> None:
    assert credential("use glpat" + "-" + "x" * 20) is not None  # the portal's own shape is strict
    assert secret_shapes.bits("aaaa") == 0
    assert secret_shapes.bits("abcd") == 2
