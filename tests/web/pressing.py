"""Reads the form of a page as a browser does, and presses its buttons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

Fields = list[tuple[str, str]]


@dataclass
class Button:
    name: str = ""
    value: str = ""
    action: str = ""
    id: str = ""
    text: str = ""


@dataclass
class Composer(HTMLParser):
    """The fields of the form `composer`, wherever on the page they stand, and its buttons."""

    page: str
    fields: Fields = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._inside = False
        self._text: str | None = None
        self._select: str | None = None
        self._option = False
        self._button: Button | None = None
        self.feed(self.page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = known.get("id") == "composer"
        belongs = self._inside or known.get("form") == "composer"
        getattr(self, f"_start_{tag}", _nothing)(known, belongs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._text = None
        if tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            text = data.removeprefix("\n")
            self.fields = [(name, text if name == self._text else v) for name, v in self.fields]
        if self._option:
            self._option = False
            self.fields[-1] = (self.fields[-1][0], data.strip())
        if self._button is not None:
            self._button.text = " ".join(f"{self._button.text} {data}".split())

    def _start_textarea(self, known: Mapping[str, str], belongs: bool) -> None:
        if belongs:
            self._text = known["name"]
            self.fields.append((known["name"], ""))

    def _start_select(self, known: Mapping[str, str], belongs: bool) -> None:
        if belongs:
            self._select = known["name"]

    def _start_option(self, known: Mapping[str, str], belongs: bool) -> None:
        if self._select and "selected" in known:
            self._option = "value" not in known
            self.fields.append((self._select, known.get("value", "")))

    def _start_input(self, known: Mapping[str, str], belongs: bool) -> None:
        ticked = known.get("type") not in {"radio", "checkbox"} or "checked" in known
        if belongs and ticked and known.get("name"):
            self.fields.append((known["name"], known.get("value", "")))

    def _start_button(self, known: Mapping[str, str], belongs: bool) -> None:
        self._button = None
        if belongs:
            action = known.get("formaction", "/requests")
            self._button = Button(
                known.get("name", ""), known.get("value", ""), action, known.get("id", "")
            )
            self.buttons.append(self._button)

    # --- what a person does

    def value(self, name: str) -> str:
        found = [value for known, value in self.fields if known == name]
        return found[-1] if found else ""

    def names(self, beginning: str) -> list[str]:
        return [name for name, _ in self.fields if name.startswith(beginning)]

    def put(self, **values: str) -> "Composer":
        """Sets fields; a dot is written as two underscores."""
        return self.fill({name.replace("__", "."): value for name, value in values.items()})

    def fill(self, values: Mapping[str, str]) -> "Composer":
        kept = [(name, value) for name, value in self.fields if name not in values]
        self.fields = kept + list(values.items())
        return self

    def button(self, text: str) -> Button | None:
        return next((one for one in self.buttons if one.text.startswith(text)), None)

    def press(self, client: Client, text: str) -> Any:
        """The answer to the button whose words begin so."""
        button = self.button(text)
        assert button is not None, (text, [one.text for one in self.buttons])
        return self.send(client, button)

    def send(self, client: Client, button: Button) -> Any:
        data: dict[str, list[str]] = {}
        sent = [*self.fields, *([(button.name, button.value)] if button.name else [])]
        for name, value in sent:
            data.setdefault(name, []).append(value)
        return client.post(button.action, data)


def _nothing(known: Mapping[str, str], belongs: bool) -> None:
    """Of any other tag."""
