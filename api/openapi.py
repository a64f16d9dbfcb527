"""The OpenAPI document: every operation with its errors, and with examples composed from the fields' own."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from alerts.workflow import Refusal
from api import once, problem
from api.answers import REST
from api.language import Language
from api.problem import FieldFault, Problem, ProblemError

_WORDS = {
    401: "Nobody is logged in, or the credential is wrong.",
    403: "The person's role may not do this, or another site's page asked.",
    404: "Not there, or another tenant's: the answer is the same.",
    409: "Somebody was faster: read again and decide again.",
    410: "It was there until its time was over: by which rule, and when, is told.",
    413: "The body is too large.",
    416: "The range lies outside the bytes.",
    422: "The request does not fit its form, or a gate of the workflow is not passed.",
    428: "The version is missing.",
    429: "Too many requests, attempts or streams: wait as Retry-After says.",
    501: "This installation cannot do that: what it lacks is told.",
    503: "The database or, for a live view, the camera's edge does not answer: try again.",
    507: "The disk is full.",
}

Schema = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """The documented errors of an operation; 422 and 503 come with every one."""
    return {
        status: {"model": Problem, "description": _WORDS[status], "content": {problem.MEDIA_TYPE: {}}}
        for status in sorted({*statuses, 422, 503})
    }


_IRREGULAR = {"pushes": "push", "people": "person", "equipment": "equipment_piece", "evidence": "evidence"}
_CLASHING = re.compile(r"^(?:api|domain)__(\w+?)(?:_model)?__(\w+)$")


def name_of(verb: str, path: str) -> str:
    """An operation's id, and its method in the client: verb and path's words, in the singular where an id follows."""
    segments = path.removeprefix(REST).strip("/").split("/")
    words = [verb.lower()]
    for word, following in zip(segments, [*segments[1:], ""], strict=True):
        if not word.startswith("{"):
            words.append(_singular(word) if following.startswith("{") else word)
    return re.sub(r"\W", "_", "_".join(words))


def _singular(word: str) -> str:
    return _IRREGULAR.get(word, word.removesuffix("s"))


def route_id(route: APIRoute) -> str:
    """The same of a route."""
    return name_of(min(route.methods or {"GET"}), route.path_format)


class Application(FastAPI):
    """FastAPI whose document carries an example for every body and parameter."""

    def openapi(self) -> Schema:
        if self.openapi_schema is None:
            self.openapi_schema = complete(_plainly_named(super().openapi()))
        return self.openapi_schema


def complete(document: Schema) -> Schema:
    """Add the examples; errors are documented once, under the media type that they really have."""
    schemas: Schema = document.get("components", {}).get("schemas", {})
    _describe_layers(document)
    _describe_credentials(document)
    for operation in operations(document):
        for status, response in operation["responses"].items():
            _complete_response(status, response, schemas)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content.setdefault("example", example(content["schema"], schemas))
        for parameter in operation.get("parameters", []):
            parameter.setdefault("example", example(parameter["schema"], schemas))
    return document


def _plainly_named(document: Schema) -> Schema:
    """Models of one name in two modules are told apart by the module's word: AlertClock, EdgeClock."""
    schemas: Schema = document["components"]["schemas"]
    named = {name: _plain(name) for name in schemas}
    if len({*named.values()}) < len(named):
        raise ValueError(f"two models have one name: {sorted(named.values())}")
    # The title too: generators name their classes by it.
    document["components"]["schemas"] = {named[old]: {**one, "title": named[old]} for old, one in schemas.items()}
    _rename(document, {f"#/components/schemas/{old}": f"#/components/schemas/{new}" for old, new in named.items()})
    return document


def _plain(name: str) -> str:
    found = _CLASHING.match(name)
    return name if found is None else "".join(map(str.capitalize, found[1].split("_"))) + found[2]


def _rename(part: Any, refs: dict[str, str]) -> None:
    """Point every `$ref` below to the new name."""
    for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
        if key == "$ref":
            part[key] = refs.get(inner, inner)
        elif isinstance(inner, (dict, list)):
            _rename(inner, refs)


_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": once.PATTERN},
    "description": "A new one for each action. A repeat with the same bytes gets the same answer for 24 hours.",
    "example": "0195f2c4-77a1-7c3e-9d52-6f0a3b1c8e11",
}
_KNOWN: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": '^W/"[0-9a-f]{32}"$'},
    "description": "The ETag of an earlier answer: the same answer is not sent again.",
    "example": 'W/"5d41402abc4b2a76b9719d911017c592"',
}


def _describe_layers(document: Schema) -> None:
    """What the layers around REST add to its operations: bounds, keys of actions, unchanged answers."""
    for path, verbs in document["paths"].items():
        if not path.startswith(REST):
            continue
        for verb, operation in verbs.items():
            _may_answer(operation, 429)
            if _is_paged(operation):
                operation["responses"]["200"].setdefault("headers", {})["Link"] = dict(_LINK)
            if verb == "post" and once.keeps(path):
                _may_answer(operation, 409)
                operation.setdefault("parameters", []).append(dict(_KEY))
            if verb == "get" and "application/json" in operation["responses"].get("200", {}).get("content", {}):
                operation["responses"]["304"] = {"description": "Nothing has changed."}
                operation.setdefault("parameters", []).append(dict(_KNOWN))


_CREDENTIALS: Schema = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token (mct_…) of a person: reads what he may, changes what its scopes are for.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": "mingchu_session", "description": "Set by POST /login."},
}
_SESSIONS_ONLY = ("me/", "people", "roles")  # accounts are not for tokens


def _describe_credentials(document: Schema) -> None:
    """What one shows: an API token or a session, for accounts a session alone."""
    document["components"]["securitySchemes"] = _CREDENTIALS
    for path, verbs in document["paths"].items():
        for operation in verbs.values():
            if path.startswith(REST) and "401" in operation["responses"] and not path.endswith("/login"):
                alone = path.removeprefix(REST).startswith(_SESSIONS_ONLY)
                operation["security"] = [{"session": []}] if alone else [{"token": []}, {"session": []}]


_LINK: Schema = {
    "description": '`rel="next"`: where the next page is; not there on the last one (RFC 8288).',
    "schema": {"type": "string"},
    "example": '</api/v1/sites?limit=100&after=WyJjYW50ZWVuLTEiXQ>; rel="next"',
}


def _is_paged(operation: Schema) -> bool:
    names = {parameter["name"] for parameter in operation.get("parameters", [])}
    return {"after", "limit"} <= names


def _may_answer(operation: Schema, status: int) -> None:
    answer = {"description": _WORDS[status], "content": {problem.MEDIA_TYPE: {}}}
    operation["responses"].setdefault(str(status), answer)


def operations(document: Schema) -> Iterator[Schema]:
    """Every operation of the document, and every call that it makes of others."""
    for path in (*document["paths"].values(), *document.get("webhooks", {}).values()):
        yield from path.values()


def _complete_response(status: str, response: Schema, schemas: Schema) -> None:
    content: Schema = response.get("content", {})
    if problem.MEDIA_TYPE in content:
        content.pop("application/json", None)
        content[problem.MEDIA_TYPE] = {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": _refusal(int(status)),
        }
    for body in content.values():
        body.setdefault("example", example(body.get("schema", {"type": "string"}), schemas))


# A reason of each status, for its example.
_REASONS: dict[int, ProblemError] = {
    error.status: error
    for error in (
        ProblemError(401, "token"), ProblemError(403, "role"), ProblemError(404, "not_found"),
        ProblemError(409, Refusal.CONFLICT, texts={Language.EN: _WORDS[409]}),
        ProblemError(410, "evidence_expired", {"rule": "class III, 180 days", "at": "2026-11-22T03:15:20Z"}),
        ProblemError(413, "too_large", {"mib": 80}), ProblemError(422, "invalid", faults=(
            FieldFault(place="query.limit", fault="Input should be less than or equal to 500"),)),
        ProblemError(428, "version_needed"), ProblemError(429, "too_often", {"seconds": 2}),
        ProblemError(501, "no_parquet"), ProblemError(503, "unavailable"), ProblemError(507, "disk_full"),
    )
}  # fmt: skip


def _refusal(status: int) -> Schema:
    """A problem document as it comes, in English."""
    error = _REASONS.get(status, ProblemError(status, "invalid"))
    return problem.document(error, Language.EN).model_dump(mode="json", exclude_none=True)


def example(schema: Schema, schemas: Schema) -> Any:
    """A value that fits the schema: its own example where it has one, else composed from its parts."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("example", "const", "default"):
        if key in schema:
            return schema[key]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example(schema[key][0], schemas)
    return _by_type(schema, schemas)


def _by_type(schema: Schema, schemas: Schema) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: example(part, schemas) for name, part in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [example(schema["items"], schemas)]
    plain = {"integer": schema.get("minimum", 1), "number": 1.5, "boolean": True, "null": None}
    return plain.get(schema.get("type", ""), "(bytes)" if schema.get("format") == "binary" else "text")
