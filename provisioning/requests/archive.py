"""The files of a request, for whoever downloads them."""

import io
import zipfile
from collections.abc import Mapping

from provisioning.models import ProvisionRequest

# The oldest moment that a zip file knows: the same files give the same bytes.
FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)


def files_of(row: ProvisionRequest) -> dict[str, str]:
    """By their paths in the repository; none before they were written."""
    found: dict[str, str] = {}
    for resource in row.generated.resources if row.generated else ():
        for name, text in sorted(resource.files.items()):
            found[f"{resource.directory}/{name}"] = text
    return found


def zipped(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, FIRST_MOMENT), text)
    return packed.getvalue()
