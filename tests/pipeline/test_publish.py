"""The pull request as a reviewer sees it: the same at each attempt, and never steered by what somebody typed."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from provisioning.catalog import BUILT_IN, load_catalog
from provisioning.domain import (
    Check,
    CheckReport,
    Generated,
    Origin,
    RenderedResource,
    Requirements,
    Resource,
    Submission,
    TerraformPlan,
    Value,
    is_work_of,
)
from provisioning.errors import DirectoryConflictError
from provisioning.pipeline.markdown import code, fenced
from provisioning.pipeline.publication import Publication
from provisioning.pipeline.publish import (
    Publishing,
    change,
    placement_query,
    refuse_taken,
    taken_by_open,
)
from provisioning.pipeline.pull_request_body import LIMIT, cut
from tests.support.built_in import CATALOG

REQUEST_ID = "req-a1b2c3d4e5f6"
ENDPOINT = "https://portal.example"


def said(value: str | int, quote: str) -> Value:
    return Value(value, Origin("text", quote, 0, len(quote)))


def a_resource(
    text: str = "payments-api", type_: str = "rds", name: str = "payments-api", **parameters: Value
) -> Resource:
    engine = {"engine": said("postgres", text), "description": Value(text, Origin("field", text))}
    return Resource(
        type=type_,
        application=said("payments-api", text),
        name=name,
        aws_name=f"prod-{name}",
        environment=said("prod", text),
        parameters={**(engine if type_ == "rds" else {}), **parameters},
        tags={
            "Team": Value(text, Origin("answer", text)),
            "ManagedBy": Value("infrallm-portal", Origin("default", "")),
        },
    )


def a_publication(text: str = "payments-api", *resources: Resource) -> Publication:
    chosen = resources or (a_resource(text),)
    rendered = tuple(
        RenderedResource(
            one.type,
            one.name,
            f"terraform/prod/{one.type}/{one.name}",
            {"main.tf": "#\n"},
            {},
            "d" * 64,
        )
        for one in chosen
    )
    checks = (
        Check("fmt", "terraform", True),
        Check("scan", "checkov", None, text),
        Check("parse", "hcl", True, text),
    )
    report = CheckReport(checks, TerraformPlan(2, 0, 0, ("aws_db_instance.this", text)))
    submission = Submission(text, requester=text, team=text, service=text)
    generated = Generated(Requirements(chosen, "rules", notes=(text,)), rendered, report)
    return Publication(
        REQUEST_ID, submission, generated, datetime(2026, 11, 23, 10, 0, 15, 999, UTC)
    )


def body_for(publication: Publication) -> str:
    return change(CATALOG, Publishing(ENDPOINT), publication, "b").body


def test_the_specs_example_gets_the_specs_branch() -> None:
    query = placement_query(CATALOG, REQUEST_ID, a_publication().generated)
    assert list(query.branches) == [
        "infrallm/prod-postgres-payments-api",
        "infrallm/prod-postgres-payments-api-a1b2c3",
    ]
    assert query.directories == ("terraform/prod/rds/payments-api",)
    assert query.fresh


def test_a_stored_branch_comes_first_and_means_that_something_may_have_been_begun() -> None:
    second = "infrallm/prod-postgres-payments-api-a1b2c3"
    query = placement_query(CATALOG, REQUEST_ID, a_publication().generated, second)
    assert query.branches == (second, "infrallm/prod-postgres-payments-api")
    assert not query.fresh


def test_several_resources_share_one_branch_one_commit_and_one_title() -> None:
    publication = a_publication("x", a_resource(), a_resource(type_="s3", name="logs-bucket"))
    made = change(CATALOG, Publishing(ENDPOINT), publication, "b")
    query = placement_query(CATALOG, REQUEST_ID, publication.generated)
    assert query.branches[0] == "infrallm/prod-postgres-payments-api-and-1-more"
    assert set(made.files) == {
        "terraform/prod/rds/payments-api/main.tf",
        "terraform/prod/s3/logs-bucket/main.tf",
    }
    assert made.title.endswith("payments-api and 1 more")


def test_the_commit_names_the_request_and_the_date_is_the_requests() -> None:
    made = change(CATALOG, Publishing(ENDPOINT), a_publication(), "b")
    assert is_work_of(REQUEST_ID, made.commit_message)
    assert made.committed_at == datetime(2026, 11, 23, 10, 0, 15, tzinfo=UTC)
    assert made == change(CATALOG, Publishing(ENDPOINT), a_publication(), "b")


def test_labels_and_reviewers_come_from_the_settings_the_type_and_the_environment(
    tmp_path: Path,
) -> None:
    folder = shutil.copytree(BUILT_IN, tmp_path / "catalog")
    for file, lines in {
        "_common/platform.toml": """
            [environments.prod.pull_request]
            labels = ["careful"]
            reviewers = ["grace"]
            draft = true
            [environments.dev.pull_request]
            reviewers = ["nobody"]
        """,
        "rds/resource.toml": '[pull_request]\nteam_reviewers = ["databases"]',
        "s3/resource.toml": '[pull_request]\nreviewers = ["nobody"]',
    }.items():
        with (folder / file).open("a") as toml:
            toml.write(f"\n{lines}\n")
    settings = Publishing(ENDPOINT, ("infrallm",), ("ada",), ("platform",))
    made = change(load_catalog([folder]), settings, a_publication(), "b")
    assert made.labels == ("infrallm", "careful", "prod", "rds")
    assert (made.reviewers, made.team_reviewers, made.draft) == (
        ("ada", "grace"),
        ("platform", "databases"),
        True,
    )


def test_taken_directories_are_refused_with_their_links() -> None:
    refuse_taken({})
    with pytest.raises(
        DirectoryConflictError,
        match=r"terraform/a is taken by https://x/1; terraform/b is taken by https",
    ):
        refuse_taken({"terraform/a": "https://x/1", "terraform/b": "https://x/2"})


def test_a_directory_is_taken_by_what_an_open_pull_request_changes_in_it_or_below() -> None:
    changed = {
        "terraform/a": "https://x/1",
        "terraform/b/modules/x": "https://x/2",
        "terraform/c-2": "https://x/3",
    }
    taken = taken_by_open(["terraform/a", "terraform/b", "terraform/c", "terra"], changed)
    assert taken == {"terraform/a": "https://x/1", "terraform/b": "https://x/2"}


def test_the_description_tells_a_reviewer_what_to_look_at() -> None:
    text = "production Postgres database for payments API"
    body = body_for(a_publication(text))
    first, _, rest = body.partition("\n")
    assert first.startswith(
        "RDS database `payments-api` for **prod**, asked for by `production Postgres"
    )
    assert f"[{REQUEST_ID}]({ENDPOINT}/requests/{REQUEST_ID})" in first
    for line in (
        "| `engine` | `postgres` | the request: `production Postgres database for payments API` |",
        "| `tag ManagedBy` | `infrallm-portal` | default |",
        "Offline, against nothing that exists yet: 2 to add, 0 to change, 0 to destroy.",
        "| `fmt` | `terraform` | passed |",
        "- [ ] Who may connect: the security group admits the networks in allowed_cidr_blocks only.",
        "- `CKV_AWS_157`: A standby in a second zone doubles the price; production has one unless the request says "
        "otherwise.",
    ):
        assert f"\n{line}\n" in f"{rest}\n"
    assert "CKV_AWS_293" not in body  # an opt-out of development only


SNIPPETS = [
    "`", "``", "```", "````", "~~~", "\n", "\n\n", "\r", "\r\n", "\t", "    ", "|", "\\", "\\|", "\\`", "*", "_", "#", "# ",
    "> ", "- ", "- [x] ", "1. ", "---", "===", "@octocat", "@acme/platform", "fixes #1", "closes acme/x#2", "GH-3",
    "![x](https://evil.example/x.png)", "[a](javascript:alert(1))", "<https://evil.example>", "https://evil.example",
    "[a]: https://evil.example", "<img src=x onerror=alert(1)>", "<script>", "</details>", "<!--", "-->", "&lt;", "&#64;",
    "$x$", "\u2028", "\u202e", "\u200b", "\x00", "\x1b[2J", "\ud800", "é", "日本語", "👩\u200d💻", ":tada:", "a",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=5), min_size=1, max_size=12).map(
    "".join
)
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
CODE = ("code_inline", "fence", "code_block")


def outside_code(markdown: str) -> list[tuple[str, str, str, str]]:
    """What a renderer makes of it, but for the contents of code."""
    tokens = [inner for token in MARKDOWN.parse(markdown) for inner in (token.children or [token])]
    return [
        (token.type, token.tag, str(token.attrs), "" if token.type in CODE else token.content)
        for token in tokens
    ]


def inside_code(markdown: str) -> list[str]:
    tokens = [inner for token in MARKDOWN.parse(markdown) for inner in (token.children or [token])]
    return [token.content for token in tokens if token.type in CODE]


@given(HOSTILE.filter(lambda text: text.strip()))
@example("a\n```\n![x](https://evil.example/x.png)\n~~~\n@octocat fixes #1")
@example("a\r````\r<img src=x>")
def test_no_text_changes_anything_outside_code(text: str) -> None:
    assert outside_code(body_for(a_publication(text))) == outside_code(
        body_for(a_publication("benign"))
    )


@given(HOSTILE)
def test_no_text_reaches_the_title_the_commit_message_the_branch_or_a_label(text: str) -> None:
    hostile = change(CATALOG, Publishing(ENDPOINT), a_publication(text), "b")
    benign = change(CATALOG, Publishing(ENDPOINT), a_publication("benign"), "b")
    assert replace(hostile, body="") == replace(benign, body="")


@given(st.text("a`|\\ *@#<>[]()!éあ\n", min_size=1, max_size=40).filter(lambda text: text.strip()))
def test_code_shows_the_text_as_it_is(text: str) -> None:
    assert inside_code(code(text)) == [" ".join(text.split())]
    assert inside_code(fenced(text)) == [text + "\n"]


@given(HOSTILE)
def test_a_description_can_always_be_sent(text: str) -> None:
    body_for(a_publication(text)).encode()


@pytest.mark.parametrize(
    "path",
    [
        "../x.tf",
        "/etc/passwd",
        "a/../../b",
        ".git/config",
        "a//b",
        "",
        "a/.GIT/hooks/x",
        "a\nb",
        "a\\b",
        "a/",
        "./a",
    ],
)
def test_a_path_that_leaves_the_repository_is_a_bug(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        replace(change(CATALOG, Publishing(), a_publication(), "b"), files={path: "x"})


@pytest.mark.parametrize(
    "path", ["main.tf", "terraform/prod/größe 日本.tf", ".gitignore", "a/..b", "a.git/x", "..."]
)
def test_any_other_path_is_a_path(path: str) -> None:
    assert replace(
        change(CATALOG, Publishing(), a_publication(), "b"), files={path: "x"}
    ).files == {path: "x"}


@pytest.mark.parametrize(
    "branch",
    [
        "a b",
        "a..b",
        "-x",
        "a\nb",
        "a\0b",
        "x.lock",
        "x.lock/y",
        "@{1}",
        "",
        "a/",
        "/a",
        "a//b",
        "a.",
        "a/.b",
    ],
)
def test_a_branch_that_git_does_not_allow_is_a_bug(branch: str) -> None:
    with pytest.raises(ValueError, match="not a path or branch"):
        change(CATALOG, Publishing(), a_publication(), branch)


@pytest.mark.parametrize("text", ["x", "é", "🪣", "`", "|"])
def test_a_long_description_is_cut_visibly_and_below_the_limit(text: str) -> None:
    many = {
        f"node_groups[{number}].name": Value(text * 300, Origin("text", text * 300))
        for number in range(400)
    }
    body = body_for(a_publication("benign", replace(a_resource(), parameters=many)))
    assert len(body.encode()) <= LIMIT
    assert body.endswith(
        "**Cut here:** a description has room for 65,536 characters. The rest is in the files."
    )
    assert "### Before you merge" in body
    assert ("text", "", "{}", "Cut here:") in outside_code(body)


@given(st.lists(st.text(max_size=30), max_size=30), st.integers(20, 400))
def test_a_cut_keeps_whole_lines_within_the_limit(lines: list[str], limit: int) -> None:
    shown = cut(lines, "cut", limit)
    assert len(shown.encode("utf-8", "surrogatepass")) <= limit
    if shown != "\n".join(lines):
        assert shown.endswith("\n\ncut") or shown == "\ncut"
        assert "\n".join(lines).startswith(shown[: -len("\n\ncut")] if shown != "\ncut" else "")


def test_a_signed_off_commit_is_still_known_by_its_trailer() -> None:
    publishing = Publishing(ENDPOINT, sign_off="InfraLLM <portal@example.com>")
    message = change(CATALOG, publishing, a_publication(), "b").commit_message
    assert message.endswith(
        f"\n\nInfraLLM-Request: {REQUEST_ID}\nSigned-off-by: InfraLLM <portal@example.com>\n"
    )
    assert is_work_of(REQUEST_ID, message)
