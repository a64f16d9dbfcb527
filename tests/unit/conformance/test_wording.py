"""Every sentence that a check can say is in the Chinese catalogue, said or not."""

import ast
import inspect
from collections.abc import Iterator

import pytest

from mingchu.conformance import link_checks, time_checks, word_checks
from mingchu.conformance.wording import chinese


def sentences() -> Iterator[str]:
    """The first arguments of verdicts; 1 stands for what is filled in."""
    for module in (link_checks, word_checks, time_checks):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("good", "bad", "warn", "unseen"):
                match node.args[0]:
                    case ast.Constant(value=str(text)):
                        yield text
                    case ast.JoinedStr(values=parts):
                        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in parts)


# These fill in words of their own, which the reports' test reads.
FILLED = {"the device never logged in; 1", "its times are 1"}


@pytest.mark.parametrize("sentence", sorted(set(sentences()) - FILLED))
def test_it_reads_in_chinese(sentence: str) -> None:
    assert chinese(sentence) != sentence


def test_what_is_not_ours_stays_as_it_is() -> None:
    assert chinese("speed 1750, not within -25 … 25 m/s") == "speed 1750, not within -25 … 25 m/s"
    assert chinese("its times are 3.0 s behind ours") == "时间比服务器慢 3.0 秒"
