"""Whether what was rendered is what was certified: said with each request, and all there is to say where no plan is made."""

from collections.abc import Sequence

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.certificate import Certificate, doubt, read
from provisioning.domain import Check, RenderedResource

NAME, TOOL = "certificate", "portal"
INSTEAD = (
    "No plan was made for this request; the certificate and the checks in process stand in for it."
)
WITHOUT = "No plan was made for this request; only the checks in process stand for it."


def certified(
    catalog: Catalog, rendered: Sequence[RenderedResource], *, planned: bool = True
) -> Check:
    """Never fails: code without a certificate is checked like any other, and the check says what is missing."""
    sentences, covered = [], True
    for resource in rendered:
        resource_type = catalog.types[resource.type]
        certificate = read(resource_type.folder)
        reason = _doubt(catalog, resource_type, certificate)
        if certificate is None or not certificate.covers(resource.files):
            covered = False
            sentences.append(f"{resource_type.file.title}: no certificate for this code; the platform team can run "
                             f"manage.py certify {resource.type}.")  # fmt: skip
        elif reason:
            covered = False
            sentences.append(
                f"{resource_type.file.title}: the certificate does not count, because {reason}; the platform team can run "
                f"manage.py certify {resource.type}."
            )
        else:
            proofs = ", ".join(step.name for step in certificate.steps if step.passed)
            sentences.append(
                f"{resource_type.file.title}: certified on {certificate.made.isoformat()} by {proofs}."
            )
    if not planned:
        sentences.append(INSTEAD if covered else WITHOUT)
    return Check(
        NAME, TOOL, passed=True if covered else None, detail=" ".join(dict.fromkeys(sentences))
    )


def _doubt(catalog: Catalog, resource_type: ResourceType, certificate: Certificate | None) -> str:
    return doubt(catalog, resource_type, certificate) if certificate else ""
