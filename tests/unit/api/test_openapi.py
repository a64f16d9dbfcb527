"""The OpenAPI document: every operation is described, with examples that fit their models, and errors."""

import json
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel, TypeAdapter

import api
from api import problem
from api.app import create_app
from api.config import ApiConfig

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Schema:
    return create_app(ApiConfig("postgresql://nowhere.invalid/none", Path("unused"), "http://localhost:8600")).openapi()


def _operations(document: Schema) -> list[tuple[str, Schema]]:
    return [
        (f"{verb.upper()} {path}", operation)
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
    ]


_MODULES = [
    import_module(f"api.{found.name}")
    for found in pkgutil.iter_modules(api.__path__)
    if found.name.endswith("_model") or found.name in ("letter_view", "problem")
]


def _model(name: str) -> type[BaseModel]:
    for module in _MODULES:
        if hasattr(module, name):
            found: type[BaseModel] = getattr(module, name)
            return found
    raise AssertionError(name)


def _adapter(schema: Schema) -> TypeAdapter[Any] | None:
    if "$ref" in schema and "/Body_" not in schema["$ref"]:
        return TypeAdapter(_model(schema["$ref"].rsplit("/", 1)[-1]))
    if schema.get("type") == "array" and "$ref" in schema["items"]:
        item: Any = _model(schema["items"]["$ref"].rsplit("/", 1)[-1])
        return TypeAdapter(list[item])
    return None


def test_it_lists_the_whole_of_rest(document: Schema) -> None:
    names = {name for name, _ in _operations(document)}
    assert {
        "POST /api/v1/login", "POST /api/v1/logout", "GET /api/v1/alerts", "GET /api/v1/alerts/{alert_id}",
        "POST /api/v1/alerts/{alert_id}/acknowledge", "POST /api/v1/alerts/{alert_id}/report",
        "POST /api/v1/alerts/{alert_id}/accept", "POST /api/v1/alerts/{alert_id}/reject",
        "POST /api/v1/alerts/{alert_id}/dismiss", "POST /api/v1/alerts/{alert_id}/assign",
        "POST /api/v1/alerts/{alert_id}/comment", "POST /api/v1/alerts/{alert_id}/transfer",
        "POST /api/v1/alerts/{alert_id}/supervise", "POST /api/v1/alerts/{alert_id}/lift",
        "POST /api/v1/alerts/{alert_id}/appeal", "POST /api/v1/alerts/{alert_id}/uphold",
        "POST /api/v1/alerts/{alert_id}/deny", "POST /api/v1/alerts/bulk", "GET /api/v1/precision",
        "GET /api/v1/campaigns",
        "POST /api/v1/campaigns", "POST /api/v1/campaigns/{campaign_id}/alerts",
        "GET /api/v1/alerts/{alert_id}/pushes", "GET /api/v1/sites",
        "GET /api/v1/devices/{device_id}/series", "GET /api/v1/cameras", "GET /api/v1/evidence/{sha256}",
        "GET /api/v1/cameras/{camera_id}/settings", "PUT /api/v1/cameras/{camera_id}/settings",
        "POST /api/v1/sites/{site_id}/cameras", "DELETE /api/v1/cameras/{camera_id}",
        "GET /api/v1/cameras/{camera_id}/revisions", "POST /api/v1/cameras/{camera_id}/restore",
        "POST /api/v1/sites/{site_id}/edges", "POST /api/v1/edges/{edge_id}/code",
        "POST /api/v1/edges/{edge_id}/revoke", "POST /edge/enrol",
        "GET /api/v1/events", "PUT /edge/evidence/{sha256}", "HEAD /edge/evidence/{sha256}",
        "GET /healthz", "GET /readyz",
    } <= names  # fmt: skip


def test_every_operation_says_what_it_does_and_how_it_fails(document: Schema) -> None:
    for name, operation in _operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        assert {"422", "503"} <= operation["responses"].keys(), name
        refusals = [status for status in operation["responses"] if int(status) >= 400]
        for status in refusals:
            content = operation["responses"][status]["content"]
            assert set(content) == {problem.MEDIA_TYPE}, (name, status)
            assert content[problem.MEDIA_TYPE]["schema"] == {"$ref": "#/components/schemas/Problem"}, (name, status)
            told = content[problem.MEDIA_TYPE]["example"]
            assert (told["status"], bool(told["detail"])) == (int(status), True), (name, status)
            assert f"problem.{told['code']}" not in told["detail"], (name, status)


def test_operations_and_models_have_plain_names_of_their_own(document: Schema) -> None:
    ids = [operation["operationId"] for _, operation in _operations(document)]
    assert len(ids) == len(set(ids))
    for word in (*ids, *document["components"]["schemas"]):
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", word), word
        assert "__" not in word, word
    titles = [schema["title"] for schema in document["components"]["schemas"].values()]
    assert len(titles) == len(set(titles))


def test_everything_below_rest_says_what_lets_one_in(document: Schema) -> None:
    openly = {"post_login", "post_logout"}
    for name, operation in _operations(document):
        if "/api/v1/" in name and operation["operationId"] not in openly:
            assert {"session": []} in operation["security"], name
            assert "401" in operation["responses"], name
    assert {scheme for _, one in _operations(document) for entry in one.get("security", []) for scheme in entry} == set(
        document["components"]["securitySchemes"]
    )


def test_the_document_is_what_the_standard_says(document: Schema) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_body_has_an_example_that_fits_its_model(document: Schema) -> None:
    checked = 0
    for name, operation in _operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (content for body in bodies for content in body.get("content", {}).values()):
            assert "example" in content, name
            adapter = _adapter(content["schema"])
            if adapter is not None:
                adapter.validate_json(json.dumps(content["example"]))
                checked += 1
        for parameter in operation.get("parameters", []):
            assert "example" in parameter, (name, parameter["name"])
    assert checked > 100
