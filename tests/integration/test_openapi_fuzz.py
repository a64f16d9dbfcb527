"""Schemathesis over the whole OpenAPI document: whatever is sent, no 5xx, and each answer is one that is documented."""

import asyncio
import os
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from domain.scene import Scene
from tests.console_client import served
from tests.console_world import PASSWORD, add_alert, add_scene, drawn
from tests.servers import PATIENCE_S

EXAMPLES = 200 if os.environ.get("MINGCHU_FULL_FAULTS") else 4
_OPEN_ENDED = ("/events",)  # a stream that does not end
_OURS = ("/logout", "/session")  # would end the session that asks


@schemathesis.serializer(
    "application/sdp", "application/offset+octet-stream", "image/jpeg", "application/toml", "text/csv"
)
def _as_it_is(_context: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def _survives(_context: schemathesis.CheckContext, answer: schemathesis.Response, _case: Any) -> None:
    """503 is an answer where the line to the edges, or an edge, is away; anything else from 500 on is a fault."""
    assert answer.status_code < 500 or answer.status_code == 503, answer.text[:300]


_CHECKS = (_survives, status_code_conformance, content_type_conformance, response_schema_conformance)


async def test_no_input_breaks_the_service(dsn: str, tmp_path: Path) -> None:
    async with served(dsn, tmp_path) as (address, world):
        scene = add_scene(world, "canteen-1-prep", Scene.PHONE, "prep", why="w", frame=drawn("prep"))
        add_alert(world, "phone", "phone", camera="canteen-1-prep", scene_event=scene)
        add_alert(world, "warm", "cold-frozen-warm", device="cold-1")
        for login in ("admin", "canteen"):
            async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as client:
                answer = await client.post("/api/v1/login", json={"login": login, "password": PASSWORD})
                cookies = dict(answer.cookies)
            tried = await asyncio.to_thread(_fuzz, address, cookies)
            assert tried > 30


def _fuzz(address: str, cookies: dict[str, str]) -> int:
    """Every operation, as somebody who is logged in; returns how many."""
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", timeout=60)
    schema.config.generation.update(with_security_parameters=False)  # the session is real
    tried, faults = 0, list[str]()
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]
        if operation.path.endswith((*_OPEN_ENDED, *_OURS)):
            continue
        try:
            _try(operation, cookies)
        except FailureGroup as error:
            words = "; ".join(map(str, error.exceptions))
            faults.append(f"{operation.label}: {words}"[:1500])
        tried += 1
    assert not faults, "\n\n".join(faults)
    return tried


def _try(operation: Any, cookies: dict[str, str]) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate),
    )  # fmt: skip
    def once(case: Any) -> None:
        case.call_and_validate(cookies=cookies, checks=list(_CHECKS), timeout=30)

    once()
