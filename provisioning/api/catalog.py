"""`/api/v1/catalog`: what can be asked for, out of the folders that the generator reads."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Router, Schema

from provisioning import wiring
from provisioning.api.answers import NOT_FOUND, REFUSALS
from provisioning.api.auth import Session, Token, demo
from provisioning.api.errors import NotFoundError
from provisioning.api.limits import enter
from provisioning.api.responses import page_url
from provisioning.catalog import ResourceType
from provisioning.catalog.certificate import read
from provisioning.catalog.json_schema import parameters_schema
from provisioning.domain.identity import Action
from provisioning.identity.limits import Kind

router = Router(auth=[Token(), Session(), demo])


class TypeOut(Schema):
    type: str = Field(description="Name to ask for it by", examples=["rds"])
    title: str = Field(description="Name for people", examples=["RDS database"])
    summary: str = Field(
        description="What it is, in a sentence", examples=["A relational database"]
    )
    group: str = Field(description="Group in the catalog", examples=["Databases"])
    html_url: str = Field(
        description="Its page in the portal", examples=["https://portal.example.com/catalog/rds"]
    )


class CatalogOut(Schema):
    types: list[TypeOut] = Field(description="Every type, in the catalog's order")
    count: int = Field(description="How many there are", examples=[30])
    environments: list[str] = Field(
        description="Environments that a request may name", examples=[["dev", "staging", "prod"]]
    )


class RuleOut(Schema):
    name: str = Field(description="Name of the rule", examples=["prod-is-encrypted"])
    message: str = Field(
        description="What it demands, in a sentence", examples=["Production is encrypted."]
    )
    when: dict[str, Any] = Field(
        description="The values that it holds for; empty for all",
        examples=[{"environment": "prod"}],
    )


class PolicyOut(RuleOut):
    parameter: str = Field(description="Path of the parameter", examples=["storage_gb"])
    operator: str = Field(description="How the two are compared", examples=["at_most"])
    value: Any = Field(description="What the parameter is compared with", examples=[500])


class ExampleOut(Schema):
    text: str = Field(
        description="A sentence", examples=["production Postgres database for payments API"]
    )
    environment: str | None = Field(
        description="The environment that it is read as", examples=["prod"]
    )
    application: str = Field(
        description="The application that it is read as", examples=["payments-api"]
    )
    parameters: dict[str, Any] = Field(
        description="The values that it is read as, by path", examples=[{"engine": "postgres"}]
    )


class ProofOut(Schema):
    name: str = Field(description="What was proved", examples=["validate"])
    passed: bool | None = Field(
        description="Null where it was not made; `detail` then says why", examples=[True]
    )
    detail: str = Field(description="The result, in words", examples=["All variants are valid."])


class CertificateOut(Schema):
    made: date = Field(description="Day of the proof", examples=["2025-12-19"])
    steps: list[ProofOut] = Field(description="What was proved, one step each")
    opt_outs: dict[str, str] = Field(
        description="Rules of checkov that do not hold, each with its reason",
        examples=[{"CKV_AWS_157": "Outside production one zone is enough."}],
    )


class TypeDetailOut(TypeOut):
    synonyms: list[str] = Field(
        description="Other words that it is known by", examples=[["database"]]
    )
    parameters: dict[str, Any] = Field(
        description="JSON Schema 2020-12 of its parameters",
        examples=[{"type": "object", "properties": {"engine": {"enum": ["postgres", "mysql"]}}}],
    )
    policies: list[PolicyOut] = Field(description="Rules of the platform for one parameter each")
    relations: list[RuleOut] = Field(description="Rules for parameters that depend on another")
    not_offered: dict[str, str] = Field(
        description="What it does not offer, each with its reason",
        examples=[{"read replicas": "Ask the platform team."}],
    )
    examples: list[ExampleOut] = Field(description="Sentences that are read as it")
    certificate: CertificateOut | None = Field(
        description="What was proved of its templates; null where nothing was"
    )


@router.get(
    "/catalog",
    response={200: CatalogOut, **REFUSALS},
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
    response={200: TypeDetailOut, **REFUSALS, **NOT_FOUND},
    tags=["catalog"],
    operation_id="catalog_type",
    summary="A resource type: parameters as JSON Schema, policies, examples, certificate",
)
def catalog_type(request: HttpRequest, type: str) -> TypeDetailOut:
    enter(request, Action.READ_CATALOG, Kind.READ)
    whole = wiring.catalog()
    resource_type = whole.types.get(type)
    if resource_type is None:
        raise NotFoundError(f"Resource type {type} not found")
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
    address = page_url(request, reverse("catalog_type", args=[resource_type.name]))
    return {
        "type": resource_type.name,
        "title": file.title,
        "summary": file.summary,
        "group": file.group,
        "html_url": address,
    }
