"""Names: of a resource, its directory, its branch and the thing in AWS. One place, so that they agree."""

import re
import unicodedata
from collections.abc import Mapping

from provisioning.catalog.types import Catalog, ResourceType
from provisioning.domain import ParameterValue
from provisioning.errors import InvalidInputError

# AWS allows most names 63 characters, and organization, environment and suffix stand beside this one.
MAX_APPLICATION = 40


def ascii_words(text: str) -> list[str]:
    """Lower-case ASCII words; letters lose their marks ("logística" → "logistica"), anything else parts words."""
    decomposed = unicodedata.normalize("NFKD", text)
    letters = [sign for sign in decomposed if not unicodedata.combining(sign)]
    # NFKD knows no two letters for the sharp s.
    plain = "".join(letters).lower().replace("ß", "ss")
    return re.findall(r"[a-z0-9]+", plain)


def slug(text: str) -> str:
    """ "Payments API" → "payments-api"."""
    return "-".join(ascii_words(text))[:MAX_APPLICATION].strip("-")


def cut(text: str) -> bool:
    """Whether `slug` leaves something off."""
    return "-".join(ascii_words(text)) != slug(text)


def resource_name(resource_type: ResourceType, application: str) -> str:
    suffix = resource_type.file.suffix
    *_, last = application.rsplit("-", maxsplit=1)
    # "audit-logs" for a bucket with the suffix "logs" is not called "audit-logs-logs".
    if not suffix or last == suffix:
        return application
    return f"{application}-{suffix}"


def aws_name(catalog: Catalog, resource_type: ResourceType, environment: str, name: str) -> str:
    """Raises `InvalidInputError` where AWS would refuse the name, and says what to shorten or change."""
    pattern = resource_type.file.aws_name or catalog.platform.aws_name
    full = pattern.format(
        organization=catalog.platform.organization, environment=environment, name=name
    )
    limit = resource_type.file.aws_name_max
    if len(full) > limit:
        raise InvalidInputError(
            "application",
            f"The name {full!r} is {len(full)} characters long; AWS allows {limit}. Use a shorter name.",
        )
    if not re.fullmatch(resource_type.file.aws_name_pattern, full):
        raise InvalidInputError(
            "application", f"AWS does not allow the name {full!r}. Use letters, digits and hyphens."
        )
    return full


def directory(catalog: Catalog, resource_type: str, environment: str, name: str) -> str:
    return catalog.platform.directory.format(environment=environment, type=resource_type, name=name)


def branch(
    catalog: Catalog,
    resource_type: ResourceType,
    environment: str,
    application: str,
    values: Mapping[str, ParameterValue],
) -> str:
    word = values.get(resource_type.file.branch_word) or resource_type.name
    return catalog.platform.branch.format(
        environment=environment, word=slug(str(word)), application=application
    )
