"""What the API owes for every document type, endpoint and schema by their existing."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest
from django.db import models
from django.urls import resolve

from shucai.base.errors import catalogue
from shucai.edge.api import description, schemas, shapes
from shucai.edge.api.access import SCOPES
from shucai.edge.api.endpoints import Endpoint, matrix
from shucai.edge.api.problems import _STATUS
from shucai.kernel import registry
from shucai.kernel.document.declare import DocumentType, is_required, types

KINDS = list(types().values())
every_type = pytest.mark.parametrize("kind", KINDS, ids=[k.code for k in KINDS])
ENDPOINTS = matrix()
every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=[e.code for e in ENDPOINTS])
VERBS = ("get", "post", "put", "delete")


def said() -> dict[str, Any]:
    return description.document()


def operation(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = said()["paths"][f"/api/v1{endpoint.path}"][endpoint.method.lower()]
    return found


def component(name: str) -> dict[str, Any]:
    """A component as a schema of its own, with all others at hand."""
    whole = json.loads(json.dumps(said()).replace("#/components/schemas/", "#/$defs/"))
    return {"$ref": f"#/$defs/{name}", "$defs": whole["components"]["schemas"]}


def test_the_description_is_openapi_3_1_with_unique_operations() -> None:
    document = said()
    ids = [one["operationId"] for path in document["paths"].values() for one in path.values()]

    assert document["openapi"].startswith("3.1")
    assert len(ids) == len(set(ids))
    assert {"title", "version"} <= document["info"].keys()


def test_every_reference_leads_somewhere() -> None:
    document = said()
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document))):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in found, reference
            found = found[part]


def test_every_schema_is_a_valid_json_schema() -> None:
    for name in said()["components"]["schemas"]:
        assert jsonschema_rs.meta.is_valid(component(name)), name
        jsonschema_rs.validator_for(component(name))


def test_path_parameters_are_declared_for_every_placeholder() -> None:
    for path, operations in said()["paths"].items():
        for verb, one in operations.items():
            named = {p["name"] for p in one["parameters"] if p.get("in") == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), f"{verb} {path}"


@every_endpoint
def test_endpoint_is_described_and_routed(endpoint: Endpoint) -> None:
    address = re.sub(r"{\w+}", "1", f"/api/v1{endpoint.path}")

    assert operation(endpoint)["summary"]
    assert resolve(address).func


@every_endpoint
def test_endpoint_tells_its_refusals(endpoint: Endpoint) -> None:
    answers = operation(endpoint)["responses"]

    assert any(status.startswith("2") for status in answers)
    wanted = {"404", "500"} if endpoint.is_public else {"401", "403", "422", "429", "500", "503"}
    assert wanted <= answers.keys()


@every_endpoint
def test_endpoint_demands_a_known_scope_or_none(endpoint: Endpoint) -> None:
    security = operation(endpoint)["security"]

    assert endpoint.scope in {"", *SCOPES}
    assert security == (
        [] if endpoint.is_public else [{"token": [endpoint.scope][: bool(endpoint.scope)]}]
    )


@every_endpoint
def test_writing_endpoint_is_not_public(endpoint: Endpoint) -> None:
    if endpoint.method != "GET":
        assert endpoint.scope in ("documents.write", "documents.act", "registers.act")
        assert endpoint.duties


@every_type
def test_type_has_every_operation(kind: DocumentType) -> None:
    own = {(e.method, e.name, e.action) for e in ENDPOINTS if e.document_type == kind.code}

    assert {
        ("GET", "documents.list", ""),
        ("POST", "documents.create", ""),
        ("GET", "documents.get", ""),
        ("PUT", "documents.replace", ""),
        ("DELETE", "documents.discard", ""),
    } <= own
    for action in kind.actions:
        assert {("POST", "documents.act", action), ("POST", "documents.batch", action)} <= own


@every_type
def test_action_demands_the_duties_of_its_moves(kind: DocumentType) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.document_type == kind.code and endpoint.action:
            moves = {m.by for m in kind.flow if m.action == endpoint.action}
            assert set(endpoint.duties) == moves


@every_type
def test_draft_schema_names_every_field_with_its_label(kind: DocumentType) -> None:
    schemas = said()["components"]["schemas"]
    word = shapes.words(kind)
    for name, fields in ((f"{word}Fields", kind.fields()), (f"{word}Line", kind.line_fields())):
        properties = schemas[name]["properties"]
        assert list(properties) == [f.name for f in fields]
        assert [p["title"] for p in properties.values()] == [str(f.verbose_name) for f in fields]
        assert schemas[name].get("required", []) == [f.name for f in fields if is_required(f)]
        assert schemas[name]["additionalProperties"] is False


@every_type
def test_amounts_are_text_and_choices_are_closed(kind: DocumentType) -> None:
    for known in [*kind.fields(), *kind.line_fields()]:
        schema = shapes.field_schema(known, is_input=True)
        if isinstance(known, models.DecimalField):
            assert "string" in schema["type"]
            assert re.match(schema["pattern"], "1234.50")
            assert not re.match(schema["pattern"], "1234.505")
        if known.choices:
            assert set(schema["enum"]) >= {str(value) for value, _ in known.flatchoices}


@every_type
def test_a_wrong_type_is_no_valid_draft(kind: DocumentType) -> None:
    checked = jsonschema_rs.validator_for(component(f"{shapes.words(kind)}Draft"))

    assert not checked.is_valid({})
    assert not checked.is_valid({"fields": {}, "lines": []})
    assert not checked.is_valid({"fields": {"colour": "red"}, "lines": [{}]})


@every_type
def test_list_describes_its_filters(kind: DocumentType) -> None:
    names = {p["name"] for p in shapes.list_parameters(kind)}

    assert names == {*shapes.filter_names(kind), "sort"}
    assert {"state", "unit", "q"} <= names


def test_statuses_belong_to_known_refusals() -> None:
    assert set(_STATUS) <= set(catalogue())


def test_bodies_refuse_unknown_keys() -> None:
    for model in (schemas.ActionIn, schemas.BatchIn):
        assert model.model_json_schema()["additionalProperties"] is False


def test_endpoints_are_declared_in_the_registry() -> None:
    assert len([e for e in registry.all("endpoint").values() if isinstance(e, Endpoint)]) >= 15
