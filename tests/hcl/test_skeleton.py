"""No text that anybody sends changes what a template says."""

import json
import random
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from provisioning.adapters.hcl_check import HclCheck
from provisioning.certify.variants import example_resource
from provisioning.domain import RenderedResource, Resource
from provisioning.errors import CheckFailedError
from provisioning.hcl.literals import literal
from provisioning.hcl.reader import parse
from provisioning.hcl.skeleton import skeleton
from provisioning.hcl.tree import Attribute, Block, Comment, HclSyntaxError
from provisioning.pipeline.check import check_closed, unclear
from provisioning.pipeline.render import TFVARS, reference, render
from tests.support.a_rendering import FILES, a_rendering, with_more, with_other
from tests.support.built_in import CATALOG
from tests.support.hostile import hostile, text_places, texts_of, values, with_text

MOST = 10
short = values.map(lambda text: text[:2_000])
often = settings(max_examples=350, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.mark.parametrize("name", sorted(CATALOG.types))
@settings(often, max_examples=MOST)
@given(data=st.data())
def test_hostile_text_stays_a_value_wherever_it_comes_to_stand(
    name: str, data: st.DataObject
) -> None:
    """Each example puts a text of its own at every text parameter, name and tag, and one that Hypothesis can shrink at one."""
    plain, benign, places = without_hostile_text(
        name, data.draw(st.sampled_from(CATALOG.environments))
    )
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    texts = [(place, hostile(chance)) for place in places]
    for place, text in [*texts, (data.draw(st.sampled_from(places)), data.draw(values))]:
        stays_a_value(plain, benign, place, text)


def stays_a_value(plain: Resource, benign: RenderedResource, place: str, text: str) -> None:
    rendered = render(CATALOG, with_text(plain, place, text))
    for file in rendered.files.keys() - {"backend.tf", TFVARS}:
        assert rendered.files[file] == benign.files[file], (place, text)
    assert skeleton(rendered.files["backend.tf"]) == skeleton(benign.files["backend.tf"]), (
        place,
        text,
    )
    if reached(rendered, text):
        check_closed_or_say_why(rendered, text, place)


def test_these_are_four_thousand_values_and_more() -> None:
    places = [len(without_hostile_text(name, "prod")[2]) for name in CATALOG.types]
    assert all(count >= 10 for count in places)
    assert MOST * sum(places) >= 4_000


@cache
def without_hostile_text(
    name: str, environment: str
) -> tuple[Resource, RenderedResource, list[str]]:
    resource = example_resource(CATALOG, CATALOG.types[name], environment, {})
    return resource, render(CATALOG, resource), text_places(CATALOG.types[name], resource)


def reached(rendered: RenderedResource, text: str) -> bool:
    """A parameter that this variant's template does not use is not written at all."""
    return text in texts_of(json.loads(rendered.files[TFVARS])) or rendered.name == text


def check_closed_or_say_why(rendered: RenderedResource, text: str, place: str) -> None:
    try:
        check_closed(rendered, reference(CATALOG, rendered))
    except CheckFailedError as refused:
        words = ("plain names",) if place == "the name" else ("character U+", "NFC")
        assert any(word in refused.message for word in words)
        assert place == "the name" or unclear(text)
    else:
        assert unclear(text) == ""
        assert text.encode("utf-8").decode("utf-8") == text


@often
@given(text=values)
def test_the_literal_of_any_text_is_one_token_without_interpolation(text: str) -> None:
    [attribute] = parse(f"x = {literal(text)}\n").body
    assert isinstance(attribute, Attribute)
    assert len(attribute.expression) == 1


@settings(often, max_examples=100)
@given(before=short, after=short)
def test_what_is_pasted_into_a_template_without_the_filter_is_found(
    before: str, after: str
) -> None:
    """The control: a renderer that pastes text between quotes must not get past the check with anything but a literal."""
    assume('"' in before or "${" in before or "%{" in before or "\n" in before)
    pasted = FILES["backend.tf"].replace("terraform/dev/s3/logs", before + after)
    try:
        check_closed(a_rendering(backend_tf=pasted), a_rendering())
    except CheckFailedError:
        return
    [block] = parse(pasted).blocks()
    [backend] = block.blocks()
    assert [item.name for item in backend.attributes()] == [
        "bucket",
        "encrypt",
        "key",
        "region",
        "use_lockfile",
    ]
    assert all(len(item.expression) == 1 for item in backend.attributes())


@pytest.mark.parametrize(
    ("rendered", "words"),
    [
        (with_more("main_tf", '\nresource "aws_sqs_queue" "x" {\n}\n'), 'has too much: the block resource "aws_sqs_queue" "x"'),
        (with_more("main_tf", "\n# a comment\n"), "the comment '# a comment'"),
        (with_other("main_tf", "bucket = var.name", "bucket = var.tags"), "the attribute 'bucket' = 'var . tags'"),
        (with_other("main_tf", "bucket = var.name", 'bucket = "x"'), "the attribute 'bucket'"),
        (with_other("main_tf", "  bucket = var.name\n", ""), "lacks the attribute 'bucket'"),
        (with_other("main_tf", '"this"', '"that"'), 'the block resource "aws_s3_bucket" "that"'),
        (with_other("main_tf", '"Enabled"', '"Disabled"'), "a value stands in main.tf"),
        (with_other("backend_tf", "dev/s3", "${path.cwd}"), "the attribute 'key'"),
        (with_other("backend_tf", "dev/s3", "dév/s3"), "characters that are not plain"),
        (a_rendering(**{"more.tf": ""}), "other files"),
        (replace(a_rendering(), directory="terraform/dev/../../.github"), "not made of plain names"),
        (with_other(TFVARS, '"days": 30', '"day": 30'), "sets 'day'"),
        (with_other(TFVARS, "payments", "pay\u202ements"), "U+202E"),
        (with_other(TFVARS, "payments", "pay\\u0000ments"), "U+0000"),
        (with_other(TFVARS, "payments", "pay\\r\\nments"), "U+000D"),
        (with_other(TFVARS, "payments", "e\u0301"), "NFC"),
        (with_other(TFVARS, '"Team"', '"Te\u200bam"'), "U+200B"),
        (with_other(TFVARS, "30", "NaN"), "NaN"),
        (with_other(TFVARS, '"days": 30', '"days": 30, "days": 31'), "twice"),
    ],
)  # fmt: skip
def test_what_is_not_the_templates_is_refused_with_the_place(
    rendered: RenderedResource, words: str
) -> None:
    with pytest.raises(CheckFailedError) as refused:
        check_closed(rendered, a_rendering())
    assert words in refused.value.message


def test_other_values_and_another_state_are_the_templates() -> None:
    check_closed(with_other(TFVARS, "payments", '${x} %{y} \\" {{ z }} <<EOT'), a_rendering())
    check_closed(with_other("backend_tf", "s3/logs", "s3/archive"), a_rendering())


def test_the_skeleton_keeps_blocks_labels_attributes_references_and_comments() -> None:
    text = 'a "b" c {\n  d = "${e.f}x" # g\n  h { i = [1, "j", null] }\n}\n'
    inner = Block("h", (), (Attribute("i", ("[", "0", ",", '""', ",", "null", "]")),))
    outer = Attribute("d", ('"', "${", "e", ".", "f", "}", '"', "# g"))
    assert skeleton(text).body == (Block("a", ("b", "c"), (outer, inner)),)
    assert skeleton("// x\n").body == (Comment("// x"),)


@pytest.mark.parametrize(
    "same",
    ['x = "$${a}"', 'x = "$$${a}"', 'x = "$$$${a}"', 'x = "%$${a}"', 'x = "%%%{a}"', 'x = "a$b%c"', 'x = "$"', 'x = "%"',
     'x = "\\u00e9\\n\\""', "x = <<EOT\n$${a}\nEOT", "x = 1e3"],
)  # fmt: skip
def test_literals_have_the_skeleton_of_literals(same: str) -> None:
    assert not any(
        "${" in token
        for attribute in skeleton(same + "\n").attributes()
        for token in attribute.expression
    )


@pytest.mark.parametrize(
    "text", ['x = "%${a}"', 'x = "%%${a}"', 'x = "$%{ if a }b%{ endif }"', "x = <<E\n%${a}\nE"]
)
def test_a_sign_before_an_interpolation_does_not_hide_it(text: str) -> None:
    assert any(
        token in {"${", "%{"}
        for attribute in skeleton(text + "\n").attributes()
        for token in attribute.expression
    )


@pytest.mark.parametrize(
    "text",
    ["}", "a {", "a = ", "a = [", 'a = "', 'a = "\n"', 'a = "${b"', 'a = "\\x"', "a = <<EOT\nx", "a = }", "a b", "= 1",
     'a "${b}" {\n}', "a = (]", "\ufeffa = 1", "a = 1\rb = 2", "a\x00 = 1", "a = @", "a {" * 99, 'a = "${"' * 99,
     "a {} b {}", "{}"],
)  # fmt: skip
def test_what_is_no_terraform_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(HclSyntaxError, match=r"^line \d+: "):
        parse(text)


@often
@given(
    text=st.lists(
        st.sampled_from(
            ['"', "${", "}", "{", "a", "=", "\n", "<<E\n", "E", "#", "/*", "1", "(", ")", " "]
        )
    ).map("".join)
)
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except HclSyntaxError as error:
        assert str(error).startswith("line ")


@pytest.mark.xdist_group("templates")
def test_both_parsers_agree_on_every_built_in_template() -> None:
    for resource_type in CATALOG.types.values():
        HclCheck().check([render(CATALOG, example_resource(CATALOG, resource_type, "prod", {}))])
