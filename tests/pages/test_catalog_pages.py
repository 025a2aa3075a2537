"""The catalog's pages say what the catalog's files say."""

import pytest
from django.test import Client

from provisioning import wiring
from provisioning.catalog import load_catalog
from tests.pages.reading import links

TYPES = tuple(load_catalog().types)


@pytest.mark.parametrize("name", TYPES)
def test_each_type_has_a_card_and_a_page_with_every_parameter_and_policy(pages: Client, name: str) -> None:
    resource_type = wiring.catalog().types[name]
    assert f"/catalog/{name}" in links(pages.get("/catalog").text)
    page = pages.get(f"/catalog/{name}").text

    for path, _ in resource_type.fields():
        assert f"<code>{path}</code>" in page
    for policy in resource_type.file.policy:
        assert f"<code>{policy.name}</code>" in page


@pytest.mark.parametrize("name", TYPES)
def test_each_example_opens_the_form_filled_in_and_the_first_one_previews(pages: Client, name: str) -> None:
    page = pages.get(f"/catalog/{name}").text
    opened = [link for link in links(page) if link.startswith("/?text=")]
    examples = wiring.catalog().types[name].file.examples
    assert len(opened) == len(examples)

    for link, example in zip(opened, examples, strict=True):
        assert example.text.replace("'", "&#x27;") in pages.get(link).text
    assert pages.post("/preview", {"text": examples[0].text}).status_code == 200


def test_an_unknown_type_is_not_found(pages: Client) -> None:
    assert pages.get("/catalog/mainframe").status_code == 404
