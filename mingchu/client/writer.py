"""Writes the client from the OpenAPI document: a struct for each schema, a method for each operation."""

import keyword
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_MODEL = '''"""What REST says and takes. Written by `mingchu client`: change the routes, not this file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType
'''
_METHODS = '''"""Each operation of REST as a method. Written by `mingchu client`: change the routes, not this file."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from mingchu.client import model
from mingchu.client.session import File, Session, segment
from mingchu.client.stream import Event, follow


class Client(Session):
    """Each operation by its verb and path: `GET /alerts/{alert_id}` is `get_alert(alert_id)`."""

    def __enter__(self) -> "Client":
        return self

    def events(self, after: str = "") -> Iterator[Event]:
        """Live updates from now on, or from after an event's id on; a broken line is taken up again."""
        return follow(self, after)
'''
_PLAIN = {"integer": "int", "number": "float", "boolean": "bool", "null": "None", "object": "dict[str, Any]"}
_FORMATS = {"date-time": "datetime", "date": "date", "binary": "bytes"}
_SKIPPED = ("/api/v1/events",)  # a stream: session.follow
_OF, _WIDE = "model.", 110
_PREFIX = "/api/v1/"


def models(document: Schema) -> str:
    """The text of `model.py`: a struct for each schema."""
    schemas = document["components"]["schemas"]
    return "\n".join([_MODEL, *(_schema(name, schemas[name]) for name in sorted(schemas))]).rstrip() + "\n"


def methods(document: Schema) -> str:
    """The text of `api.py`: a method for each operation. Raises ValueError where two would have one name."""
    schemas, parts, names = document["components"]["schemas"], [_METHODS], set[str]()
    for path, verb, operation in _operations(document):
        name = str(operation["operationId"])
        if name in names:
            raise ValueError(f"two operations are called {name}: give one of the paths another word")
        names.add(name)
        parts.append(_method(name, path, verb, operation, schemas))
    return "\n".join(parts).rstrip() + "\n"


def _operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, verbs in document["paths"].items():
        if path.startswith(_PREFIX) and path not in _SKIPPED:
            for verb, operation in verbs.items():
                yield path, verb, operation


def _typed(schema: Schema, of: str = "") -> str:
    """A schema as a Python type; `of` is where the structs are."""
    if "$ref" in schema:
        return of + str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_typed(one, of) for one in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"Literal[{', '.join(map(_quoted, values))}]"
    kind = schema.get("type")
    if kind == "array":
        return f"list[{_typed(schema['items'], of)}]" if "items" in schema else "list[Any]"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"dict[str, {_typed(schema['additionalProperties'], of)}]"
    plain = _FORMATS.get(schema.get("format", ""), "str") if kind == "string" else "Any"
    return _PLAIN.get(str(kind), plain)


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _schema(name: str, schema: Schema) -> str:
    if "properties" not in schema:
        return f"\n{_wrapped(f'{name} = {_typed(schema)}')}"
    needed = set(schema.get("required", ()))
    lines = ["", f"class {name}(msgspec.Struct, frozen=True, kw_only=True):", _doc(schema.get("description", name), 4)]
    for field, part in schema["properties"].items():
        lines.append(_wrapped(f"    {_field(field, part, required=field in needed)}"))
    return "\n".join(lines) + "\n"


def _field(name: str, schema: Schema, *, required: bool) -> str:
    """A struct's field; what need not be sent has the value that the platform takes for it, or is left out."""
    safe, kind = _safe(name), _typed(schema)
    default = "" if required else _default(schema)
    if default == "UNSET":
        kind = f"{kind} | UnsetType"
    if safe == name:
        return f"{safe}: {kind}" + (f" = {default}" if default else "")
    return f'{safe}: {kind} = msgspec.field(name="{name}"' + (f", default={default})" if default else ")")


def _default(schema: Schema) -> str:
    if schema.get("type") == "array":
        return "msgspec.field(default_factory=list)"
    if "default" in schema:
        return _quoted(schema["default"])
    return "None" if {"type": "null"} in schema.get("anyOf", ()) else "UNSET"


def _safe(name: str) -> str:
    plain = re.sub(r"\W", "_", name).lower()
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _doc(text: str, indent: int) -> str:
    words = " ".join(text.replace("\\", "\\\\").split())
    pad = " " * indent
    if len(words) <= _WIDE - indent:
        return f'{pad}"""{words}"""'
    body = textwrap.fill(words, _WIDE, initial_indent=pad + '"""', subsequent_indent=pad)
    return f'{body}\n{pad}"""'


def _wrapped(line: str) -> str:
    """A long line of a type or a signature, broken at its commas."""
    pad = " " * (len(line) - len(line.lstrip()) + 4)
    if len(line) <= _WIDE:
        return line
    head, opening, rest = line.partition("[")
    inner, closing, tail = rest.rpartition("]")
    inner = textwrap.fill(inner, _WIDE, initial_indent=pad, subsequent_indent=pad)
    return f"{head}{opening}\n{inner}\n{pad[4:]}{closing}{tail}"


def _method(name: str, path: str, verb: str, operation: Schema, schemas: Schema) -> str:
    parameters = operation.get("parameters", [])
    in_path = [one for one in parameters if one["in"] == "path"]
    query = [one for one in parameters if one["in"] == "query" and one["name"] != "after"]
    body, call = _body(operation, schemas)
    returns, result = _result(verb, operation, schemas)
    asked = [f"{_safe(one['name'])}: {_typed(one['schema'], _OF)}" for one in in_path]
    keys = [_argument(one) for one in query]
    required = [one for one in body if " = " not in one]
    optional = [one for one in body if " = " in one]
    signature = ["self", *asked, *required, *(["*"] if optional or keys else []), *optional, *keys]
    address = re.sub(r"{(\w+)}", lambda found: f"{{segment({_safe(found[1])})}}", path)
    place = f'f"{address}"' if in_path else f'"{path}"'
    pairs = ", ".join(f'"{one["name"]}": {_safe(one["name"])}' for one in query)
    told = [*([f"query={{{pairs}}}"] if pairs else []), *call]
    return "\n".join([
        _signature(name, signature, returns),
        _doc(f"{operation['summary']}. {operation.get('description', '')}".strip(), 8),
        *(f"        {line}" for line in result(place, told, pairs)),
        "",
    ])  # fmt: skip


def _signature(name: str, parts: list[str], returns: str) -> str:
    line = f"    def {name}({', '.join(parts)}) -> {returns}:"
    if len(line) <= _WIDE:
        return line
    inner = "\n".join(f"        {part}," for part in parts)
    return f"    def {name}(\n{inner}\n    ) -> {returns}:"


def _argument(parameter: Schema) -> str:
    schema, name = parameter["schema"], _safe(parameter["name"])
    kind = _typed(schema, _OF).replace("list[", "Sequence[")
    if parameter.get("required"):
        return f"{name}: {kind}"
    return f"{name}: {kind if 'None' in kind.split(' | ') else f'{kind} | None'} = None"


def _body(operation: Schema, schemas: Schema) -> tuple[list[str], list[str]]:
    """The arguments that a body takes, and how they are passed on."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return [], []
    (media_type, body), *_ = content.items()
    if media_type == "application/json":
        may_lack = "" if operation["requestBody"].get("required") else " = None"
        return [f"body: {_typed(body['schema'], _OF)}{may_lack}"], ["body=body"]
    if media_type != "multipart/form-data":
        return ["content: bytes"], ["content=content", f'media_type="{media_type}"']
    form = schemas[body["schema"]["$ref"].rsplit("/", 1)[-1]]
    needed, arguments = set(form.get("required", ())), list[str]()
    for name, part in form["properties"].items():
        kind = _sent(part)
        arguments.append(f"{_safe(name)}: {kind}" if name in needed else f"{_safe(name)}: {_or_none(kind)} = None")
    pairs = ", ".join(f'"{name}": {_safe(name)}' for name in form["properties"])
    return arguments, [f"form={{{pairs}}}"]


def _sent(part: Schema) -> str:
    """A form's field: a file, several of them, or a value."""
    if "contentMediaType" in part or part.get("format") == "binary":
        return "File"
    if "anyOf" in part:
        return " | ".join(dict.fromkeys(_sent(one) for one in part["anyOf"]))
    return f"Sequence[{_sent(part['items'])}]" if part.get("type") == "array" else _typed(part, _OF)


def _or_none(kind: str) -> str:
    return kind if "None" in kind.split(" | ") else f"{kind} | None"


def _result(verb: str, operation: Schema, schemas: Schema) -> tuple[str, Any]:
    """What a method returns, and its lines, made of the address, the arguments and the query."""
    answers = [one for status, one in operation["responses"].items() if status.startswith("2")]
    content = answers[0].get("content", {})
    schema = content.get("application/json", {}).get("schema")
    paged = "Link" in answers[0].get("headers", {}) and schema is not None and _is_list(schema, schemas)

    def called(place: str, told: list[str]) -> str:
        return f"self.call({', '.join([_quoted(verb.upper()), place, *told])})"

    if paged and schema is not None:
        row = _row(schema, schemas)
        return f"Iterator[{row}]", lambda place, _told, pairs: [f"return self.pages({place}, list[{row}], {{{pairs}}})"]
    if schema is not None:
        kind = _typed(schema, _OF)
        return kind, lambda place, told, _pairs: [
            f"answer = {called(place, told)}", f"return msgspec.json.decode(answer.content, type={kind})"
        ]  # fmt: skip
    if content:
        return "bytes", lambda place, told, _pairs: [f"return {called(place, told)}.content"]
    return "None", lambda place, told, _pairs: [called(place, told)]


def _is_list(schema: Schema, schemas: Schema) -> bool:
    """Whether its pages are rows, or rows under `items`."""
    if "$ref" not in schema:
        return schema.get("type") == "array"
    return "items" in schemas[schema["$ref"].rsplit("/", 1)[-1]].get("properties", {})


def _row(schema: Schema, schemas: Schema) -> str:
    """What a page of a list is made of."""
    if schema.get("type") == "array":
        return _typed(schema["items"], _OF)
    page = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    return _typed(page["properties"]["items"]["items"], _OF)
