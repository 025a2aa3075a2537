"""What the templates show, without a browser and without a database."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from provisioning import errors
from provisioning.domain import NO_FILE, FileChange, Origin, Requirements, Resource, Value
from provisioning.web.display import words
from provisioning.web.display.code import CARRIAGE_RETURN, MOST_LINES, code_file, colored_lines
from provisioning.web.display.description import description
from provisioning.web.display.diff import diff_files
from provisioning.web.display.facts import display_value, echo, label
from provisioning.web.display.hcl_lexer import HclLexer
from provisioning.web.display.icons import icon
from provisioning.web.display.reference import parameter_rows
from tests.support.built_in import CATALOG

HCL = """\
# a comment
resource "aws_s3_bucket" "this" {
  bucket = "${var.name}-${lookup({ a = "}" }, "a", "$${b}")}" // another
  tags   = merge(var.tags, { Name = upper("x\\n\\"y\\"") })
  policy = <<-EOT
    {"Statement": "${jsonencode([1, 2.5e3])}"}
  EOT
  count  = var.on && !false ? 1 : 0
  list   = [for name, value in var.map : name => value... if value != null]
  /* a longer
     comment */
}

variable "rules" {
  type = list(object({ days = optional(number, 30), prefix = string }))
}
"""
hcl_like = st.text(
    alphabet=st.sampled_from(list('"${}\\%#/*<>-=?:!&|.,()[]~\n\r\t abEOT_09é<script>')),
    max_size=120,
)


def test_valid_terraform_has_no_error_token() -> None:
    tokens = list(HclLexer(stripnl=False).get_tokens(HCL))

    assert "".join(text for _, text in tokens) == HCL
    assert not [text for kind, text in tokens if kind[:1] == ("Error",)]


@pytest.mark.parametrize("name", CATALOG.types)
def test_the_catalogs_templates_have_no_error_token_either(name: str) -> None:
    for text in CATALOG.types[name].templates.values():
        terraform = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", text, flags=re.DOTALL)
        assert not [
            kind
            for kind, _ in HclLexer(stripnl=False).get_tokens(terraform)
            if kind[:1] == ("Error",)
        ]


@given(
    st.one_of(st.text(), hcl_like), st.sampled_from(["main.tf", "terraform.tfvars.json", "README"])
)
def test_coloring_changes_no_character_and_lets_no_markup_through(text: str, name: str) -> None:
    given_lines = text.split("\n")
    lines = colored_lines(name, given_lines)
    plain = [
        unescape(re.sub(r"</?span[^>]*>", "", line)).replace(CARRIAGE_RETURN, "\r")
        for line in lines
    ]

    assert plain == given_lines
    assert not re.search(r"<(?!/?span[ >])", "".join(lines))


def test_a_very_long_file_is_shortened_and_says_so() -> None:
    file = code_file("main.tf", "# line\n" * (MOST_LINES + 1))

    assert (len(file.lines), file.shortened) == (MOST_LINES, True)
    assert not code_file("main.tf", "# line\n" * MOST_LINES).shortened


CHANGED = """\
index 1111111..2222222 100644
--- a/terraform/main.tf
+++ b/terraform/main.tf
@@ -1,3 +1,3 @@ resource "a" "b" {
 resource "a" "b" {
-  size = 1
+  size = 2
 }
"""
ADDED = """\
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/new <file>.tf
@@ -0,0 +1,2 @@
+--- a/not-a-header
++++ b/neither
\\ No newline at end of file
"""


def test_a_diff_is_read_with_its_line_numbers() -> None:
    changed, added = diff_files(
        [
            FileChange("terraform/main.tf", patch=CHANGED),
            FileChange("new <file>.tf", old_mode=NO_FILE, patch=ADDED),
        ]
    )

    assert (changed.path, changed.added, changed.removed) == ("terraform/main.tf", 1, 1)
    assert [(line.kind, line.old, line.new) for line in changed.lines] == [
        ("hunk", None, None),
        ("same", 1, 1),
        ("removed", 2, None),
        ("added", None, 2),
        ("same", 3, 3),
    ]
    assert (added.path, added.added, added.removed) == ("new <file>.tf", 2, 0)
    assert (changed.note, added.note) == ("", "")


def test_what_no_line_shows_is_said_in_words() -> None:
    changes = [
        FileChange("a.sh", old_mode="100644", new_mode="100755"),
        FileChange("b.tf", old_path="a.tf"),
        FileChange("logo.png", old_mode=NO_FILE, binary=True),
        FileChange("empty.tf", old_mode=NO_FILE),
        FileChange("gone.tf", new_mode=NO_FILE, patch=CHANGED),
    ]

    assert [file.note for file in diff_files(changes)] == [
        "Mode changed from 100644 to 100755.",
        "Moved from a.tf.",
        "Binary file.",
        "Empty file.",
        "Removed.",
    ]


def test_a_name_cannot_show_itself_as_another() -> None:
    (file,) = diff_files([FileChange("a\n\u202etxt.tf")])

    assert file.path == "a\\n\\u202etxt.tf"


@given(st.text(), st.text())
def test_no_text_breaks_the_reading_of_a_diff(name: str, text: str) -> None:
    for file in diff_files([FileChange(name, patch=CHANGED + text)]):
        assert all("<script" not in line.text for line in file.lines)


def requirements(*spans: tuple[int, int]) -> Requirements:
    values = {
        str(number): Value(1, Origin("text", "quote", start, end))
        for number, (start, end) in enumerate(spans)
    }
    default = Value("x", Origin("default", "default"))
    return Requirements((Resource("s3", default, "x", "x", default, values, {}),), "rules")


@given(
    st.text(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=8)
)
def test_the_echo_is_the_sentence_whatever_the_spans(
    text: str, spans: list[tuple[int, int]]
) -> None:
    parts = echo(text, requirements(*spans))

    assert "".join(part.text for part in parts) == text
    inside = {
        at for start, end in spans if 0 <= start < end <= len(text) for at in range(start, end)
    }
    marked = [part.marked for part in parts for _ in part.text]
    assert {at for at, is_marked in enumerate(marked) if is_marked} == inside


def test_values_are_shown_in_words() -> None:
    resource_type = CATALOG.types["rds"]
    storage = resource_type.field("allocated_storage_gb")

    assert [display_value(value) for value in (True, False, (), ("a", "b"), "", None, 3)] == [
        "On", "Off", "None", "a, b", "Not set", "Not set", "3"
    ]  # fmt: skip
    assert display_value(200, storage) == "200 GB"
    assert (
        label(resource_type, "allocated_storage_gb")
        == resource_type.parameters["allocated_storage_gb"].title
    )
    assert label(None, "something") == "something"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0.0 s"), (0.04, "0.0 s"), (9.94, "9.9 s"), (9.95, "10 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599.6, "1 h 0 min"),
     (11400, "3 h 10 min")],
)  # fmt: skip
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_moments_are_said_as_people_say_them() -> None:
    now = timezone.now()
    day, hour, minute = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
    moments = [minute / 12, 1.2 * minute, 20 * minute, 3 * hour, day + hour, 9 * day]

    assert [words.ago(now - moment) for moment in moments] == [
        "just now", "1 minute ago", "20 minutes ago", "3 hours ago", "yesterday", "9 days ago"
    ]  # fmt: skip
    assert words.day(now) == "Today"
    assert words.day(now - timedelta(days=1)) == "Yesterday"


def every_error(cls: type[errors.PortalError]) -> set[str]:
    """Those of calls end no request."""
    below = {code for child in cls.__subclasses__() for code in every_error(child)}
    return below | ({cls.code} if cls.__module__.startswith(f"{errors.__name__}.") else set())


NEVER_IN_A_REQUEST = {
    "catalog_error",
    "lease_lost",
    "not_possible",
    "too_many_calls",
    "idempotency_conflict",
    "internal_error",
    "bad_signature",
}


@pytest.mark.parametrize("code", sorted(every_error(errors.PortalError) - NEVER_IN_A_REQUEST))
def test_every_error_that_ends_a_request_has_advice_of_its_own(code: str) -> None:
    kind = errors.by_code(code)
    assert kind.code == code
    assert (kind.title, kind.next_step) != (errors.PortalError.title, errors.PortalError.next_step)


def test_what_the_reference_shows_of_a_type_is_what_holds() -> None:
    rows = {row.path: row for row in parameter_rows(CATALOG, CATALOG.types["rds"])}

    assert set(rows) == {path for path, _ in CATALOG.types["rds"].fields()}
    assert all(len(row.defaults) == len(CATALOG.environments) for row in rows.values())


def test_a_resource_type_that_nobody_drew_an_icon_for_has_the_common_one() -> None:
    assert icon("a type of tomorrow") == icon("block")


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[here](javascript:alert(1))",
        "[here](JaVaScRiPt:alert(1))",
        "[here](data:text/html,<script>)",
        "<javascript:alert(1)>",
        "![seen](https://elsewhere.example/pixel.png)",
        "| a |\n| --- |\n| <b onclick=x> |",
        "- [ ] <svg onload=x>",
    ],
)
def test_a_description_runs_nothing_and_asks_nobody(body: str) -> None:
    assert not re.search(r"<(script|img|svg|b)\b|href=\"(?!https://elsewhere)", description(body))


PIECES = [
    "<script>", "</script>", "<img src=x>", "<svg onload=x>", "![", "](", ")", "javascript:x", "data:text/html,x", "| a |\n",
    "| --- |\n", "\n\n", "\n", "`", "```", "~~~\n", "- [ ] ", "> ", "    ", "[a]: ", "<", ">", "&lt;", "\\", "x", "#", "*", "_",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_no_text_makes_a_description_that_runs_something(body: str) -> None:
    shown = description(body)
    assert set(re.findall(r"<(\w+)", shown)).isdisjoint(
        {"script", "style", "img", "svg", "iframe", "form", "input", "link"}
    )
    assert not re.search(r'href="(?:javascript|data|vbscript|file):', shown)
