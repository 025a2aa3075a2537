"""Settled requirements as one sentence, which is shown only if a parser reads the same requirements out of it.

That is the check that no rule can make: a value that was misread stands there in words that its
requester understands.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from provisioning.catalog import Catalog, names
from provisioning.catalog.assignments import assigned
from provisioning.domain import (
    ParameterValue,
    Requirements,
    Resource,
    Submission,
    Value,
)
from provisioning.pipeline.claims import review
from provisioning.pipeline.phrases import phrases
from provisioning.ports import RequestParser

SAID = frozenset({"text", "inferred", "answer", "field", "edit"})
# Between the parts of a sentence: the more they are parted, the less one is taken for a part of another.
SEPARATORS = (", ", "; ", ". ", "\n")
FIRST_SEPARATORS = {", ": ": ", "\n": "\n"}
# Each costs one reading; a type whose title and first eight names are all read otherwise gets no sentence.
MOST_SYNONYMS = 8
NOBODY = "sentence@infrallm.invalid"
Values = Mapping[str, ParameterValue]
# Type, environment, application and values of one resource, as a parser read it.
Read = tuple[str, str, str, dict[str, ParameterValue]]


class Sentences:
    """Writes sentences for one catalog and keeps in mind which words for a value are read rightly."""

    def __init__(self, catalog: Catalog, reader: RequestParser) -> None:
        self._catalog, self._reader = catalog, reader
        self._words: dict[tuple[str, str], int] = {}
        self._types: dict[str, str] = {}

    def of(self, requirements: Requirements) -> str:
        """One sentence for each thing that is wanted; "" where one of them cannot be read back."""
        counted: dict[str, int] = {}
        for resource in requirements.resources:
            written = self.of_resource(resource)
            if not written:
                return ""
            counted[written] = counted.get(written, 0) + 1
        sentences = [_times(count, written) for written, count in counted.items()]
        return " ".join(sentences)

    def of_resource(self, resource: Resource) -> str:
        """ "A production RDS database named payments-api: PostgreSQL, storage 200 GB."; "" where
        reading it back gives anything else."""
        head = self._head(resource)
        if not head:
            return ""
        said = {path: one.value for path, one in resource.parameters.items() if _is_said(one)}
        for written in self._candidates(resource.type, head, said):
            if self._reads(written, resource, said):
                return written
        return ""

    def _candidates(self, type_name: str, head: str, said: Values) -> Iterator[str]:
        """In words that served before, then in words that were tried alone, with those values
        assigned that no words say, then with all of them assigned."""
        for write in (self._known, self._phrase_or_assignment, _assignment):
            parts = [write(type_name, path, value) for path, value in said.items()]
            if not all(parts):
                continue
            for separator in SEPARATORS:
                yield _joined(head, parts, separator)
                yield _joined(head, parts[::-1], separator)

    def _head(self, resource: Resource) -> str:
        what = self._type(resource.type)
        environment = self._catalog.platform.environments[str(resource.environment.value)].title
        article = "An" if environment[:1] in "AEIOU" else "A"
        # A name that nobody chose is not said: read back, it would be somebody's choice.
        named = ""
        if resource.application.origin.kind != "default":
            named = f" named {resource.application.value}"
        return f"{article} {environment.lower()} {what}{named}" if what else ""

    def _type(self, type_name: str) -> str:
        """The first of its names that is read as this type and nothing else."""
        if type_name not in self._types:
            file = self._catalog.types[type_name].file
            candidates = [file.title, *file.synonyms[:MOST_SYNONYMS]]
            readable = (one for one in candidates if self._is_type(one, type_name))
            self._types[type_name] = str(next(readable, ""))
        return self._types[type_name]

    def _is_type(self, words: str, type_name: str) -> bool:
        found = self._read(f"A development {words} named payments-api")
        return [(name, values) for name, _, _, values in found] == [(type_name, {})]

    def _phrase(self, type_name: str, path: str, value: ParameterValue) -> str:
        """What was read rightly for this parameter before is tried first."""
        field = self._catalog.types[type_name].field(path)
        if field is None:
            return ""
        candidates = list(phrases(field, value))
        known = self._words.get((type_name, path), 0)
        # A reading costs milliseconds and there are a few dozen words for a value.
        order: list[int] = [known, *range(len(candidates))]
        for index in order:
            if index < len(candidates) and self._says(type_name, path, value, candidates[index]):
                self._words[type_name, path] = index
                return candidates[index]
        return ""

    def _phrase_or_assignment(self, type_name: str, path: str, value: ParameterValue) -> str:
        return self._phrase(type_name, path, value) or assigned(path, value)

    def _known(self, type_name: str, path: str, value: ParameterValue) -> str:
        """The words that served for another value; whether they serve here, reading them shows."""
        field = self._catalog.types[type_name].field(path)
        index = self._words.get((type_name, path))
        if field is None or index is None:
            return ""
        return next(islice(phrases(field, value), index, None), "")

    def _says(self, type_name: str, path: str, value: ParameterValue, words: str) -> bool:
        head = f"A development {self._type(type_name)} named payments-api"
        found = self._read(_joined(head, [words], SEPARATORS[0]))
        return [values for _, _, _, values in found] == [{path: value}]

    def _reads(self, written: str, resource: Resource, said: Values) -> bool:
        name = str(resource.application.value)
        if resource.application.origin.kind == "default":
            name = ""
        wanted = (resource.type, str(resource.environment.value), name, dict(said))
        return self._read(written) == [wanted]

    def _read(self, text: str) -> list[Read]:
        submission = Submission(text, NOBODY)
        reading = self._reader.read(submission, self._catalog)
        found = []
        for claimed in review(self._catalog, submission, reading):
            # A sentence about one thing that is read as several, or with a doubt, is not read back.
            if claimed.complaints or claimed.refused or claimed.times > 1:
                return []
            values = {path: one.value for path, one in claimed.values.items()}
            name = names.slug(_word(claimed.application))
            found.append((claimed.type, _word(claimed.environment), name, values))
        return found


def outline(catalog: Catalog, requirements: Requirements) -> str:
    """The values beside their titles: what is shown where no sentence can be read back."""
    parts = [_outlined(catalog, one) for one in requirements.resources]
    return "; ".join(parts) + "."


def _outlined(catalog: Catalog, resource: Resource) -> str:
    resource_type = catalog.types[resource.type]
    environment = catalog.platform.environments[str(resource.environment.value)].title
    parts = [f"{environment} {resource_type.file.title} {resource.name!r}"]
    for path, value in resource.parameters.items():
        field = resource_type.field(path)
        if field is not None and _is_said(value):
            parts.append(f"{field.title} {value.value}")
    return ", ".join(parts)


def _assignment(_type_name: str, path: str, value: ParameterValue) -> str:
    return assigned(path, value)


def _is_said(value: Value) -> bool:
    return value.origin.kind in SAID


def _word(value: Value | None) -> str:
    return "" if value is None else str(value.value)


def _joined(head: str, parts: Sequence[str], separator: str) -> str:
    if not parts:
        return f"{head}."
    # The head ends as a writer would end it; a list of lines begins on a line of its own.
    first = FIRST_SEPARATORS.get(separator, ". ")
    return f"{head}{first}{separator.join(parts)}."


def _times(count: int, written: str) -> str:
    return written if count == 1 else f"{count} times: {written}"
