"""What became of a labelled text for the person who wrote it: right, asked, said in a note, or wrong in silence."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from provisioning.domain import CONFIRM
from tests.support.scoring import Row, score

Verdict = Literal["right", "confirmed", "needless", "asked", "said", "silent"]


def verdict(row: Row, predicted: Row) -> Verdict:
    """`confirmed` is right after one needless confirmation, `needless` another needless question or refusal, `asked` an
    error that a question or a confirmation shows, `said` one that a note shows."""
    scored = score(row, predicted)
    wished = row["expect"]["outcome"] == "ok"
    confirmation = CONFIRM in predicted.get("asked", [])
    if predicted["outcome"] != "ok":
        return "right" if scored.accepted else "needless" if wished else "asked"
    if confirmation and not wished:
        return "right"
    if scored.right:
        return "confirmed" if confirmation else "right"
    if confirmation:
        return "asked"
    return "said" if predicted["unmet"] or unused(predicted) else "silent"


def unused(predicted: Row) -> bool:
    """Whether a note names words that went into nothing."""
    return any(note.startswith("Not understood") for note in predicted["notes"])


def surplus(row: Row, predicted: Row) -> int:
    """Resources that nobody asked for."""
    expected = row["expect"]
    places = len(expected.get("environments", [1]))
    wanted = Counter(dict.fromkeys(expected["resource_types"], places))
    wanted.update(
        {name: (count - 1) * places for name, count in expected.get("counts", {}).items()}
    )
    made = Counter(one["resource_type"] for one in predicted["requirements"])
    return sum((made - wanted).values())


def shares(labelled: Sequence[Row], predictions: Sequence[Row]) -> dict[str, float]:
    """Of one, by verdict; `notes` is the share of right readings that carry a note, `surplus` a number of resources."""
    pairs = list(zip(labelled, predictions, strict=True))
    counted = Counter(verdict(row, predicted) for row, predicted in pairs)
    right = [one for row, one in pairs if verdict(row, one) == "right" and one["outcome"] == "ok"]
    found = {name: counted[name] / len(pairs) for name in Verdict.__args__}  # type: ignore[attr-defined]
    found["notes"] = sum(map(unused, right)) / max(1, len(right))
    found["surplus"] = sum(surplus(row, one) for row, one in pairs if one["outcome"] == "ok")
    return found
