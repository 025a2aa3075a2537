"""A text read by rules: refuse, find the types, then their values, environments and names."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from provisioning.adapters.rules import refusals
from provisioning.adapters.rules.amounts import amounts
from provisioning.adapters.rules.assigned import assignments_in, without
from provisioning.adapters.rules.certainty import Certainty, certainty
from provisioning.adapters.rules.environments import SpokenEnvironment, elsewhere, environments
from provisioning.adapters.rules.mentions import Mention, mentions, read_atoms
from provisioning.adapters.rules.names import applications, name_span
from provisioning.adapters.rules.page import Page
from provisioning.adapters.rules.parts import part_of
from provisioning.adapters.rules.plain import plain
from provisioning.adapters.rules.scope import ClauseScope, denied, keep_denied, scope_of
from provisioning.adapters.rules.tokens import Atom
from provisioning.adapters.rules.unoffered import unoffered
from provisioning.adapters.rules.unread import unread
from provisioning.adapters.rules.values import Values, values
from provisioning.adapters.rules.vocabulary import Meaning, Vocabulary, vocabulary_of
from provisioning.adapters.rules.wanted import Wanted, wanted
from provisioning.catalog import Catalog
from provisioning.catalog.assignments import Assignment
from provisioning.catalog.language import language_of, load_language
from provisioning.domain import Question, Reading, ReadResource, ReadValue, Submission
from provisioning.domain.health import EMBEDDED, Health

MAX_CHOICES = 8
MAX_RESOURCES = 20


class Rules:
    name = "rules"

    def __init__(self, catalog: Catalog | None = None) -> None:
        """Indexes the catalog's words at once where it is given: a worker does it before it forks, not in its first task."""
        if catalog is not None:
            indexed(catalog)

    def read(
        self,
        submission: Submission,
        catalog: Catalog,
        complaints: Sequence[str] = (),
        first: str = "",
    ) -> Reading:
        """The same submission has the same reading, so a repair turn changes nothing."""
        return read(submission, indexed(catalog))

    def health(self) -> Health:
        return EMBEDDED


_INDEXED: dict[str, Vocabulary] = {}
MOST_INDEXED = 4


def indexed(catalog: Catalog) -> Vocabulary:
    """The words of the last few catalogs that were asked for; it takes a quarter of a second to index one."""
    if catalog.digest not in _INDEXED:
        if len(_INDEXED) == MOST_INDEXED:
            _INDEXED.clear()
        language = language_of(catalog.folders, catalog.digest) or load_language(catalog.folders)
        _INDEXED[catalog.digest] = vocabulary_of(catalog, language)
    return _INDEXED[catalog.digest]


def explained(submission: Submission, catalog: Catalog) -> Certainty | None:
    """How sure the reading of a text is, and by what; None where the text is refused or asked about."""
    kept: list[Certainty] = []
    read(submission, indexed(catalog), kept.append)
    return kept[0] if kept else None


def read(
    submission: Submission,
    vocabulary: Vocabulary,
    judged: Callable[[Certainty], None] = lambda sure: None,
) -> Reading:
    given = assignments_in(submission.text, vocabulary)
    text = without(plain(submission.text, vocabulary.closings), given)
    atoms = read_atoms(text, vocabulary)
    found = mentions(atoms, vocabulary)
    scope = scope_of(atoms, found)
    reason = refusals.attack(submission.text, found) or refusals.out_of_scope(
        text, atoms, found, scope
    )
    reason = reason or unoffered(vocabulary, found, scope)
    if reason:
        return _rejected(reason)
    part = part_of(vocabulary, text, atoms, found, scope)
    if part and part.id not in submission.answers:
        return Reading("clarify", questions=(part,), reason=part.text, parser=Rules.name)
    chosen = _answered(wanted(vocabulary, atoms, found, scope), submission, vocabulary.catalog)
    late = None if "iam_role" in chosen.types else refusals.access(text, atoms, found, scope)
    if late or chosen.existing:
        return _rejected(late or refusals.EXISTING)
    if chosen.unclear:
        return _unclear(chosen, vocabulary.catalog)
    if not chosen.types:
        return _nothing(atoms, found, vocabulary.catalog)
    reading, sure = _read_types(
        submission, vocabulary, (text, given, atoms), chosen, (found, scope)
    )
    if sure:
        judged(sure)
    return reading


def _left_out(
    found: Sequence[Mention], scope: ClauseScope, chosen: Wanted
) -> Iterator[tuple[int, int]]:
    """Types that the text names, be it as a hint, and does not ask for as it was read."""
    for index, mention in enumerate(found):
        types = {meaning.subject for meaning in mention.of("type", "weak")}
        described = mention.of("name", "value", "part", "environment")
        wished = scope.covers(index) and index not in scope.purposes
        if types and not described and wished and types.isdisjoint(chosen.types):
            yield mention.first, mention.last


def _read_types(
    submission: Submission,
    vocabulary: Vocabulary,
    written: tuple[str, Sequence[Assignment], list[Atom]],
    chosen: Wanted,
    first: tuple[Sequence[Mention], ClauseScope],
) -> tuple[Reading, Certainty | None]:
    """The text once more, with the words of the types that it asks for only. What was negated stays what it was."""
    text, given, atoms = written
    types = {*chosen.types, ""}

    def concerns(meaning: Meaning) -> bool:
        return meaning.kind in {"role", "environment"} or meaning.subject in types

    found = mentions(atoms, vocabulary, concerns)
    scope = scope_of(atoms, found)
    keep_denied(denied(*first), found, scope)
    page = Page(
        submission.text,
        atoms,
        found,
        scope,
        amounts(atoms, vocabulary, submission.text),
        chosen,
        vocabulary,
        text,
        given,
        list(_left_out(*first, chosen)),
    )
    places, question = environments(page, submission)
    somewhere: Sequence[SpokenEnvironment | None] = places or [None]
    told = [values(page, submission.answers, elsewhere(page, places, one)) for one in somewhere]
    questions = [
        *([question] if question else []),
        *(one for said in told for one in said.questions),
    ]
    if questions:
        reason = " ".join(dict.fromkeys(one.text for one in questions))
        return Reading(
            "clarify", questions=tuple(questions), reason=reason, parser=Rules.name
        ), None
    resources: list[ReadResource] = []
    for place, said in zip(somewhere, told, strict=True):
        resources += _resources(page, said, place)
    read = told[0]._replace(read=frozenset().union(*(said.read for said in told)))
    sure = certainty(page, read, name_span(page, read.covered))
    reading = Reading(
        "ok",
        tuple(resources[:MAX_RESOURCES]),
        parser=Rules.name,
        notes=unread(page, read, sure),
        # Who has answered a question of this text has weighed it already; only the gates still ask.
        confirm=sure.gate if submission.answers else sure.confirm(),
    )
    return reading, sure


def _resources(page: Page, said: Values, place: SpokenEnvironment | None) -> Iterator[ReadResource]:
    environment, quote = (place.environment, place.quote) if place else (None, "")
    for type_name in page.wanted.types:
        for name, read_values in _named(page, said, type_name):
            yield ReadResource(type_name, read_values, name, environment, quote)


def _named(page: Page, said: Values, type_name: str) -> Iterable[tuple[str, tuple[ReadValue, ...]]]:
    """Each resource of the type with the name of its own, where the text gives it one."""
    each = said.of_each(type_name)
    return zip(applications(page, said.covered, len(each)), each, strict=True)


def _answered(chosen: Wanted, submission: Submission, catalog: Catalog) -> Wanted:
    answer = submission.answers.get("resource_type")
    if answer in catalog.types and (chosen.unclear or not chosen.types):
        rest = [name for name in chosen.types if name not in chosen.unclear]
        types = rest if answer in rest else [*rest, str(answer)]
        return Wanted(types, {str(answer): [], **chosen.anchors})
    return chosen


def _rejected(reason: str) -> Reading:
    return Reading("reject", reason=reason, parser=Rules.name)


def _unclear(chosen: Wanted, catalog: Catalog) -> Reading:
    choices = tuple(sorted(chosen.unclear))[:MAX_CHOICES]
    titles = ", ".join(f"{catalog.types[name].file.title} ({name})" for name in choices)
    question = Question("resource_type", f"Which one do you need: {titles}?", choices)
    return Reading("clarify", questions=(question,), reason=question.text, parser=Rules.name)


def _nothing(atoms: Sequence[Atom], found: Sequence[Mention], catalog: Catalog) -> Reading:
    about = any(mention.content or "infrastructure" in mention.roles() for mention in found)
    if not about:
        return _rejected(refusals.NOTHING)
    question = Question(
        "resource_type", "Which resource do you need?", tuple(catalog.types)[:MAX_CHOICES]
    )
    return Reading("clarify", questions=(question,), reason=question.text, parser=Rules.name)
