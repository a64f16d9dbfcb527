"""Errors as RFC 9457 problem documents: one sentence in the reader's language, never a traceback."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection
from starlette.responses import Response

from api import language
from api.language import Language

MEDIA_TYPE = "application/problem+json"


class FieldFault(BaseModel):
    """What is wrong with one part of a request."""

    place: str = Field(examples=["query.limit"])
    fault: str = Field(examples=["Input should be less than or equal to 200"])
    line: int | None = Field(default=None, examples=[7], description="in a document that was sent, from 1")
    column: int | None = Field(default=None, examples=[12])
    position: int | None = Field(default=None, examples=[1], description="in the predicate, from 1")


class Problem(BaseModel):
    """An error. `code` is its named reason and does not change with the language."""

    type: str = Field(examples=["urn:mingchu:problem:not_found"])
    title: str = Field(examples=["没有找到"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["没有这一项，或者它不在您的管辖范围内。"])
    code: str = Field(examples=["not_found"])
    faults: list[FieldFault] = Field(default_factory=list, examples=[[]])


@dataclass
class ProblemError(Exception):
    """A request that cannot be answered as wished, by its named reason (a key of the texts' section `problem`)."""

    status: int
    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[FieldFault, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)  # the sentence by language, where it is not one of ours


def not_found() -> ProblemError:
    """None there, or another tenant's: the answer is the same."""
    return ProblemError(404, "not_found")


def sentence(problem: ProblemError, spoken: Language) -> str:
    """The one sentence for the reader."""
    return problem.texts.get(spoken) or language.text(spoken, f"problem.{problem.code}", **problem.values)


def document(problem: ProblemError, spoken: Language) -> Problem:
    """The problem document in that language."""
    return Problem(
        type=f"urn:mingchu:problem:{problem.code}",
        title=title(problem.status, spoken),
        status=problem.status,
        detail=sentence(problem, spoken),
        code=problem.code,
        faults=list(problem.faults),
    )


def title(status: int, spoken: Language) -> str:
    """The status in words; those without words of ours keep HTTP's."""
    words = language.table(spoken).get(f"status.{status}")
    return words or HTTPStatus(status).phrase


def respond(request: HTTPConnection, problem: ProblemError) -> Response:
    """The problem as a response to that request."""
    body = document(problem, language.of_request(request)).model_dump_json(exclude_none=True)
    return Response(body, problem.status, {**problem.headers, "cache-control": "no-store"}, MEDIA_TYPE)
