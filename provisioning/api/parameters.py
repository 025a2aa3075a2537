"""What stands in a query is read or refused: a filter with a slip in its name would show everything."""

import difflib
from collections.abc import Collection

from django.http import HttpRequest

from provisioning.api.body import LONGEST_NAME, SIMILAR
from provisioning.api.errors import UnknownParameterError


def refuse_unknown(request: HttpRequest, known: Collection[str]) -> None:
    """Raises `UnknownParameterError` for a name that is not `known` or is given twice."""
    for name, values in request.GET.lists():
        shown = name[:LONGEST_NAME]
        if name not in known:
            raise UnknownParameterError(shown, _no_such(shown, known))
        if len(values) > 1:
            raise UnknownParameterError(shown, f"{shown} is given {len(values)} times. Give one.")


def _no_such(name: str, known: Collection[str]) -> str:
    meant = difflib.get_close_matches(name.lower(), known, n=1, cutoff=SIMILAR)
    if meant:
        return f"There is no parameter {name!r}. Did you mean {meant[0]!r}?"
    takes = f"It takes {', '.join(known)}." if known else "It takes none."
    return f"There is no parameter {name!r}. {takes}"
