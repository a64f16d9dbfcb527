"""The command line as a stranger meets it: help with examples, and one sentence for each mistake."""

import subprocess
import sys
from pathlib import Path

import pytest


def mingchu(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mingchu", *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", **environment}
    )


def test_the_help_shows_examples_and_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom mingchu.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'psycopg', 'av', 'onnxruntime', 'fastapi', 'cv2', 'pydantic'} & set(sys.modules)\n"
        "print(heavy, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert "mingchu up --demo" in done.stdout
    assert done.stderr.strip() == "set()"


@pytest.mark.parametrize(
    "arguments, environment, words",
    [
        (["camera", "list"], {}, "no database: set MINGCHU_DATABASE_URL"),
        (["migrate"], {"MINGCHU_DATABASE_URL": "postgresql://m:hunter22@127.0.0.1:1/x"}, "does not answer"),
        (["api"], {"MINGCHU_API_PORT": "many"}, "MINGCHU_API_PORT: Input should be a valid integer"),
        (["registry", "apply", "/nowhere.toml"], {}, "/nowhere.toml"),
        (["ladder", "install", "/nowhere.toml"], {}, "/nowhere.toml: No such file or directory"),
        (["profile", "check", "/nowhere.toml"], {}, "/nowhere.toml: No such file or directory"),
        (["vendor", "check", "--profile", "none", "--device", "d"], {}, "no profile 'none' ships"),
        (["vendor", "verify", "/etc/hostname"], {}, "this is no report of the vendor kit"),
        (["broker", "ca"], {}, "there is no authority yet: start `mingchu up --mqtt-host 0.0.0.0` once"),
        (["device", "claim", "1234", "--site", "s", "--code", "c"], {}, "'1234' is no claim code"),
        (["camera", "add", "c", "--site", "s", "--url", "http://x", "--scene", "PEST"], {}, "begins with rtsp://"),
        (
            ["camera", "add", "c", "--site", "s", "--url", "rtsp://x", "--sub-url", "x", "--scene", "PEST"],
            {},
            "begins with rtsp://",
        ),
    ],
)
def test_a_mistake_is_one_sentence(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], words: str
) -> None:
    done = mingchu(*arguments, MINGCHU_DATA_DIR=str(tmp_path / "none"), **environment)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter22" not in done.stderr
