"""Console pages: the rules, one rule with its versions and its preview, a new rule."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from api import render, rule_desk
from api.desk import AtDesk
from api.pages import Reader
from api.rule_model import RuleLine
from domain.code import PATTERN
from domain.rule import RuleKind

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Path(pattern=PATTERN, max_length=63)]
Like = Annotated[str, Query(pattern=f"{PATTERN}|^$", max_length=63)]
_DAYS = (1, 7, 30, 90)


@router.get("/rules")
async def rules_page(
    request: Request, at: AtDesk, person: Reader, find: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """The rules that have the wanted words, by kind, the gravest first."""
    found = [line for line in await rule_desk.listed(at, person) if _has(line, find)]
    kinds = [(kind, some) for kind in RuleKind if (some := [line for line in found if line.kind is kind])]
    context = {"kinds": kinds, "find": find, "may": await rule_desk.governs(at, person)}
    return render.page(request, at, person, "rules.html", context)


def _has(line: RuleLine, find: str) -> bool:
    text = " ".join((line.code, line.zh, line.en, line.predicate, *line.profiles)).lower()
    return all(word in text for word in find.lower().split())


@router.get("/rules/new")
async def new_page(
    request: Request,
    at: AtDesk,
    person: Reader,
    like: Annotated[str, Query(pattern=f"{PATTERN}|^$", max_length=63)] = "",
) -> Response:
    """A rule that is not there yet, as a document that begins empty or as another rule's."""
    await rule_desk.must_govern(at, person)
    begun = await rule_desk.template(at, person, like) if like else ""
    known = await rule_desk.listed(at, person)
    context = {
        "rule": None,
        "may": True,
        "days": _DAYS,
        "done": "",
        "like": like,
        "begun": begun,
        "known": known,
        "named": [],
    }
    return render.page(request, at, person, "rule.html", context)


@router.get("/rules/{code}")
async def rule_page(request: Request, at: AtDesk, person: Reader, code: Code, done: str = "") -> Response:
    """One rule: to change for who may, else to look at."""
    state = await rule_desk.read(at, person, code)
    named = await rule_desk.named(at, person, state.profiles)
    context = {"rule": state, "may": state.may_change, "days": _DAYS, "done": done, "begun": "", "named": named}
    return render.page(request, at, person, "rule.html", context)


@router.post("/rules/{code}/restore")
async def restore(
    at: AtDesk,
    person: Reader,
    code: Code,
    *,
    version: Annotated[int, Form()],
    to: Annotated[int, Form()],
    why: Annotated[str, Form(min_length=1, max_length=500)],
) -> Response:
    """Go back to an earlier version."""
    await rule_desk.restore(at, person, code, version, (to, why))
    return RedirectResponse(f"/rules/{code}?done=saved", 303)


@router.post("/rules/{code}/switch")
async def switch(
    at: AtDesk,
    person: Reader,
    code: Code,
    *,
    version: Annotated[int, Form()],
    enabled: Annotated[bool, Form()],
    why: Annotated[str, Form(min_length=1, max_length=500)],
) -> Response:
    """Switch it on or off."""
    await rule_desk.switch(at, person, code, version, enabled=enabled, why=why)
    return RedirectResponse(f"/rules/{code}?done=saved", 303)
