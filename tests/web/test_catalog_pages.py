"""The catalog's pages say what the catalog's files say."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from provisioning import wiring
from provisioning.catalog.certificate import read
from tests.support.built_in import CATALOG
from tests.web.reading import links

TYPES = tuple(CATALOG.types)


def test_each_type_has_a_card(pages: Client) -> None:
    assert {f"/catalog/{name}" for name in TYPES} <= set(links(pages.get("/catalog").text))


@pytest.mark.parametrize("name", TYPES)
def test_each_type_has_a_page_with_every_parameter_and_policy(pages: Client, name: str) -> None:
    resource_type = wiring.catalog().types[name]
    page = pages.get(f"/catalog/{name}").text

    for path, _ in resource_type.fields():
        assert f"<code>{path}</code>" in page
    for policy in resource_type.file.policy:
        assert f"<code>{policy.name}</code>" in page


@pytest.mark.xdist_group("templates")
@pytest.mark.parametrize("name", TYPES)
def test_each_example_opens_the_form_filled_in_and_the_first_one_previews(
    pages: Client, name: str
) -> None:
    page = pages.get(f"/catalog/{name}").text
    opened = [link for link in links(page) if link.startswith("/?text=")]
    examples = wiring.catalog().types[name].file.examples
    assert len(opened) == len(examples)

    assert [parse_qs(urlsplit(link).query)["text"] for link in opened] == [
        [example.text] for example in examples
    ]
    assert examples[0].text in unescape(pages.get(opened[0]).text)
    assert pages.post("/preview", {"text": examples[0].text}).status_code == 200


@pytest.mark.parametrize("name", TYPES)
def test_each_page_tells_what_goes_together_what_is_not_offered_and_what_was_proved(
    pages: Client, name: str
) -> None:
    resource_type = wiring.catalog().types[name]
    page = unescape(pages.get(f"/catalog/{name}").text)
    for relation in resource_type.file.relation:
        assert relation.message in page
    for reason in resource_type.file.not_offered.values():
        assert reason in page
    certificate = read(resource_type.folder)
    assert certificate
    for step in certificate.steps:
        assert step.detail in page
    for rule in certificate.opt_outs:
        assert f"<code>{rule}</code>" in page


def test_a_search_leaves_the_types_that_its_words_mean(pages: Client) -> None:
    def found(words: str) -> set[str]:
        page = pages.get("/catalog", {"q": words}).text
        return {
            link.removeprefix("/catalog/") for link in links(page) if link.startswith("/catalog/")
        }

    assert found("") == set(TYPES)
    assert found("  PostgreSQL ") >= {"rds", "aurora"}
    assert found("bucket versioning") == {"s3"}
    assert "sqs" in found("warteschlange")
    assert found("storage") != found("storage encryption")


def test_a_search_that_finds_nothing_says_so_and_keeps_its_words(pages: Client) -> None:
    page = pages.get("/catalog", {"q": "<mainframe>"}).text
    assert "Nothing here is called that" in page
    assert 'value="&lt;mainframe&gt;"' in page
    assert pages.get("/catalog", {"q": "x" * 5000}).status_code == 200


def test_types_stand_in_their_groups(pages: Client) -> None:
    page = pages.get("/catalog").text
    groups = {resource_type.file.group for resource_type in wiring.catalog().types.values()}
    assert re.findall(r'<h2 id="group-\d+">([^<]+)', page) == sorted(groups)


def test_lists_that_depend_on_another_parameter_are_shown_for_each_of_its_values(
    pages: Client,
) -> None:
    page = pages.get("/catalog/rds").text
    assert "for postgres 18, 17, 16, 15, and " in page
    assert "for mysql 8.4, 8.4.11, " in page
    assert "for eu-central-1 db.m5.large, " in page


def test_an_unknown_type_is_not_found(pages: Client) -> None:
    assert pages.get("/catalog/mainframe").status_code == 404
