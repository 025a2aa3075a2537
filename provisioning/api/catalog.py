"""`/api/v1/catalog`: what can be asked for, out of the folders that the generator reads."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from provisioning import wiring
from provisioning.api.auth import Session, Token, demo
from provisioning.api.limits import enter
from provisioning.api.schemas import Problem
from provisioning.catalog import ResourceType
from provisioning.catalog.certificate import read
from provisioning.catalog.json_schema import parameters_schema
from provisioning.domain.identity import Action
from provisioning.identity.limits import Kind

router = Router(auth=[Token(), Session(), demo])


class TypeOut(Schema):
    type: str
    title: str
    summary: str
    group: str
    html_url: str


class CatalogOut(Schema):
    types: list[TypeOut]
    count: int
    environments: list[str]


class RuleOut(Schema):
    name: str
    message: str
    when: dict[str, Any] = Field(description="The values that it holds for; empty for all")


class PolicyOut(RuleOut):
    parameter: str
    operator: str
    value: Any


class ExampleOut(Schema):
    text: str
    environment: str | None
    application: str
    parameters: dict[str, Any]


class ProofOut(Schema):
    name: str
    passed: bool | None = Field(description="None where it was not made; `detail` then says why")
    detail: str


class CertificateOut(Schema):
    made: date
    steps: list[ProofOut]
    opt_outs: dict[str, str]


class TypeDetailOut(TypeOut):
    synonyms: list[str]
    parameters: dict[str, Any] = Field(description="JSON Schema 2020-12")
    policies: list[PolicyOut]
    relations: list[RuleOut]
    not_offered: dict[str, str]
    examples: list[ExampleOut]
    certificate: CertificateOut | None


@router.get(
    "/catalog",
    response={200: CatalogOut, 401: Problem, 403: Problem, 429: Problem},
    tags=["catalog"],
    operation_id="catalog",
    summary="Resource types that can be asked for",
)
def catalog(request: HttpRequest) -> CatalogOut:
    enter(request, Action.READ_CATALOG, Kind.READ)
    whole = wiring.catalog()
    types = [TypeOut(**_named(request, resource_type)) for resource_type in whole.types.values()]
    return CatalogOut(types=types, count=len(types), environments=list(whole.environments))


@router.get(
    "/catalog/{type}",
    response={200: TypeDetailOut, 401: Problem, 403: Problem, 404: Problem, 429: Problem},
    tags=["catalog"],
    operation_id="catalog_type",
    summary="A resource type: parameters as JSON Schema, policies, examples, certificate",
)
def catalog_type(request: HttpRequest, type: str) -> TypeDetailOut:
    enter(request, Action.READ_CATALOG, Kind.READ)
    whole = wiring.catalog()
    resource_type = whole.types.get(type)
    if resource_type is None:
        raise HttpError(404, f"Resource type {type} not found")
    file, certificate = resource_type.file, read(resource_type.folder)
    return TypeDetailOut(
        **_named(request, resource_type),
        synonyms=file.synonyms,
        parameters=parameters_schema(whole, resource_type),
        policies=[PolicyOut(**policy.model_dump()) for policy in file.policy],
        relations=[
            RuleOut(name=rule.name, message=rule.message, when=rule.when) for rule in file.relation
        ],
        not_offered=file.not_offered,
        examples=[ExampleOut(**example.model_dump()) for example in file.examples],
        certificate=CertificateOut.from_orm(certificate) if certificate else None,
    )


def _named(request: HttpRequest, resource_type: ResourceType) -> dict[str, str]:
    file = resource_type.file
    address = request.build_absolute_uri(reverse("catalog_type", args=[resource_type.name]))
    return {
        "type": resource_type.name,
        "title": file.title,
        "summary": file.summary,
        "group": file.group,
        "html_url": address,
    }
