"""Both languages say everything that pages and errors ask for."""

import re
from importlib.resources import files
from string import Formatter

import pytest

from alerts.audience import Turn
from alerts.incident import Step
from api import language
from api.language import Language
from domain.alert import Action, Condition, Role, Status
from domain.profile import DeviceKind
from domain.purpose import Purpose
from domain.wire import EvidenceKind, Health

_KEY = re.compile(r"""\bt\("([a-z_]+\.[A-Za-z0-9_]+)["]""")


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_tables_have_the_same_keys_and_the_same_blanks() -> None:
    zh, en = language.table(Language.ZH), language.table(Language.EN)
    assert set(zh) == set(en)
    assert {key for key in zh if _fields(zh[key]) != _fields(en[key])} == set()
    assert [key for key, text in (zh | en).items() if not text.strip()] == []


def test_every_key_that_a_template_names_exists() -> None:
    templates = [entry.read_text(encoding="utf-8") for entry in files("api").joinpath("templates").iterdir()]
    named = {key for template in templates for key in _KEY.findall(template.replace("'", '"'))}
    assert len(named) > 100
    known = language.table(Language.ZH)
    missing = [
        key for key in named - set(known) if not (key.endswith("_") and any(full.startswith(key) for full in known))
    ]
    assert missing == []


def test_every_code_that_a_page_shows_has_a_word() -> None:
    wanted = [
        *(f"role.{role}" for role in Role),
        *(f"state.{status}" for status in Status),
        *(f"condition.{condition}" for condition in Condition),
        *(f"action.done_{action}" for action in Action),
        *(f"step.{action}" for action in Action),
        *(f"step.{step}" for step in Step),
        *(f"push.{turn}" for turn in Turn),
        *(f"health.{health}" for health in Health),
        *(f"alert.{kind}" for kind in EvidenceKind),
        *(f"purpose.{purpose}" for purpose in Purpose),
        *(f"device_kind.{kind}" for kind in DeviceKind),
        *(f"severity.{long}{level}" for level in range(1, 5) for long in ("", "long_")),
    ]
    assert [key for key in wanted if key not in language.table(Language.EN)] == []


def test_every_problem_that_the_code_raises_has_a_sentence() -> None:
    sources = [entry.read_text(encoding="utf-8") for entry in files("api").iterdir() if entry.name.endswith(".py")]
    codes = {code for source in sources for code in re.findall(r'ProblemError\(\d{3}, "([a-z_]+)"', source)}
    assert len(codes) > 12
    assert {f"problem.{code}" for code in codes} - set(language.table(Language.ZH)) == set()


@pytest.mark.parametrize(
    ("tag", "known"), [("en-GB", Language.EN), ("zh_CN", None), ("zh-TW", Language.ZH), ("de", None)]
)
def test_language_tags(tag: str, known: Language | None) -> None:
    assert language.parse(tag) is known
