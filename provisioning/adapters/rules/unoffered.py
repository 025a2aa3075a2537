"""Texts that ask for what a type's `not_offered` names: "a RabbitMQ broker" is no Kafka."""

from collections.abc import Sequence

from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.scope import ClauseScope
from provisioning.adapters.rules.vocabulary import Vocabulary


def unoffered(vocabulary: Vocabulary, found: Sequence[Mention], scope: ClauseScope) -> str | None:
    """The reason, where the text names no type and what is not offered stands alone or right before a mere hint."""
    nouns = [
        mention for mention in found if mention.of("type", "weak") or _implies(vocabulary, mention)
    ]
    if any(mention.of("type") or _implies(vocabulary, mention) for mention in nouns):
        return None
    begun = {noun.first for noun in nouns}
    for index, mention in enumerate(found):
        alone = not nouns or mention.last in begun
        if mention.of("unoffered") and alone and scope.covers(index):
            meaning = mention.of("unoffered")[0]
            why = vocabulary.catalog.types[meaning.subject].file.not_offered[meaning.path]
            return f"The text speaks of {meaning.path!r}. {why}"
    return None


def _implies(vocabulary: Vocabulary, mention: Mention) -> bool:
    return any(vocabulary.names_type(meaning) for meaning in mention.of("value"))
