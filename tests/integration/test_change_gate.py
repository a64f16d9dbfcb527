"""Roles of one's own that only read, and tokens that do, are refused every change, on pages and by REST."""

import re
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from api import desk, pages
from domain.alert import Role
from tests.changing_routes import FREE, changing
from tests.console_client import console
from tests.outside_world import furnished, let_in

_REST = "/api/v1"
_OUTSIDE = {path for path in FREE if path.startswith("/me/")}


async def _change(client: httpx.AsyncClient, verb: str, path: str, **more: str) -> httpx.Response:
    return await client.request(verb, re.sub(r"{\w+}", "0", path), headers=more)


async def test_a_role_that_only_reads_changes_nothing(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin, AsyncExitStack() as stack:
        there = await furnished(house.world)
        operator = (await admin.get(f"{_REST}/people/{house.world.people['canteen']}")).json()["operator"]
        places: dict[Role, tuple[dict[str, object], set[str]]] = {
            Role.OPERATOR: ({"operator": operator}, FREE),
            Role.REGULATOR: ({"authority": "gz.yx"}, FREE),
            Role.ADMIN: ({"authority": "gz"}, FREE),
            Role.VENDOR: ({"vendor": "acme"}, _OUTSIDE | {"/supply/reports"}),  # to hand one in is all that it is for
            Role.MAINTAINER: ({"firm": there.firms["hengli"]}, _OUTSIDE),
        }
        for base, (place, free) in places.items():
            new = {"zh": f"只看 {base}", "en": f"Looks as {base}", "base": base, "permissions": []}
            own = (await admin.post(f"{_REST}/roles", json=new)).json()["id"]
            client = await stack.enter_async_context(let_in(house, admin, f"own-{base}", base, own_role=own, **place))
            for verb, path in changing(house.app, (desk.person, pages.reader)):
                answer = await _change(client, verb, path)
                told = (base, verb, path, answer.status_code, answer.text[:300])
                assert (answer.status_code == 403) is (path.removeprefix(_REST) not in free), told
                if answer.status_code == 403:
                    assert "您的角色" in answer.text, told
                    assert ("<h1>" in answer.text) is not path.startswith(_REST), told


async def test_a_token_that_only_reads_changes_nothing(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client, house.visitor() as program:
        made = (await client.post(f"{_REST}/me/tokens", json={"name": "t", "scopes": [], "days": 1})).json()
        for verb, path in changing(house.app, (desk.person,)):
            if not path.endswith("/whep"):  # where a live ticket stands in a token's place
                answer = await _change(program, verb, path, authorization=f"Bearer {made['secret']}")
                assert answer.status_code == 403, (verb, path, answer.text[:300])
                assert answer.json()["code"] in ("token_route", "token_scope", "role")  # an outsider's: role
