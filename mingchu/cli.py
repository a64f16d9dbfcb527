"""The command line. Imports are inside the commands, so that `mingchu --help` answers at once."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import structs

from domain.camera import Integrity, Mode
from domain.scene import Scene
from mingchu.audit_commands import audit
from mingchu.backup_commands import backup, restore
from mingchu.bench_commands import bench
from mingchu.broker_commands import broker
from mingchu.camera_mode import CameraMode, Weight, mode
from mingchu.client_command import client
from mingchu.complaint import sentence
from mingchu.database_commands import database
from mingchu.demo_options import Factor, ScenarioName
from mingchu.device_commands import device
from mingchu.doctor_commands import doctor
from mingchu.draw_commands import draw
from mingchu.edge_commands import edge
from mingchu.errand import settings_of as _settings
from mingchu.errand import with_database as _with_database
from mingchu.evidence_commands import evidence
from mingchu.export_commands import export, key, verify
from mingchu.keeping_commands import expire, holds, retention
from mingchu.ladder_commands import ladder
from mingchu.letter_commands import gaps, letters
from mingchu.model_commands import model
from mingchu.profile_commands import profile
from mingchu.report_commands import report
from mingchu.risk_commands import risk
from mingchu.rule_commands import rules
from mingchu.simulate_commands import simulate
from mingchu.vendor_commands import vendor

if TYPE_CHECKING:
    from store.connection import Connection

_EXAMPLES = """\

Mingchu (明厨): sees and measures kitchens, warehouses, elevators, market scales and cold stores, and drives each
alert to a verified close.

\b
Examples:
  mingchu up --demo                     the whole house with simulated cameras and devices
  mingchu up --demo --footage ~/clips   the same, with your own video files as cameras
  mingchu up                            the whole house for your own cameras and devices
  mingchu camera add back-door --site kitchen-site-1 \\
      --url rtsp://user:password@192.0.2.7/stream1 --scene INTRUSION
  mingchu device add market-1 scale-2 --profile scale-jjg1204
  mingchu edge enroll 7K3M-9QTX-2B4D --api-url https://console.example
  mingchu user add zhang --role regulator --authority yunhai.lincheng.minghu

Settings are environment variables that begin with MINGCHU_ (README, Settings).
"""

app = typer.Typer(
    help=_EXAMPLES, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
camera = typer.Typer(help="Cameras: add, list, watch them or patrol them.", no_args_is_help=True)
user = typer.Typer(help="People who log in: add.", no_args_is_help=True)
registry = typer.Typer(
    help="Registry files: authorities, operators, sites and what stands there.", no_args_is_help=True
)
for name, group in (
    ("camera", camera),
    ("device", device),
    ("profile", profile),
    ("ladder", ladder),
    ("rules", rules),
    ("vendor", vendor),
    ("broker", broker),
    ("user", user),
    ("edge", edge),
    ("simulate", simulate),
    ("registry", registry),
    ("database", database),
    ("letters", letters),
    ("rules", rules),
    ("audit", audit),
    ("model", model),
    ("evidence", evidence),
    ("risk", risk),
    ("bench", bench),
):
    app.add_typer(group, name=name)

app.command("gaps")(gaps)
app.command()(backup)
app.command()(restore)
app.command()(doctor)
app.command()(client)
camera.command("mode")(mode)
app.command("draw")(draw)
app.command("report")(report)
for command in (key, export, verify, retention, holds, expire):
    evidence.command()(command)

DataDir = Annotated[Path | None, typer.Option(help="Where the data lie (MINGCHU_DATA_DIR).")]


def main() -> None:
    """Run; what a user can cause ends with one sentence and exit code 2, never with a traceback."""
    try:
        app()
    except Exception as error:
        words = sentence(error)
        if words is None:
            raise
        print(f"mingchu: {words}", file=sys.stderr)
        sys.exit(2)


@app.command()
def up(
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Simulated cameras and devices, and a login per role.")] = False,
    footage: Annotated[Path | None, typer.Option(help="Play these video files as the demo's cameras.")] = None,
    scenario: ScenarioName = "demo",
    once: Annotated[bool, typer.Option("--once", help="Play the scenario once, not again and again.")] = False,
    factor: Factor = 1.0,
    data_dir: DataDir = None,
    port: Annotated[int | None, typer.Option(help="The console's port (MINGCHU_API_PORT).")] = None,
    mqtt_host: Annotated[
        str | None, typer.Option(help="Let devices of other machines in over TLS, at this address (MINGCHU_MQTT_HOST).")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Plain lines, no live table.")] = False,
    json_status: Annotated[bool, typer.Option("--json-status", help="JSON lines for programs.")] = False,
) -> None:
    """Start everything on this machine, restart what dies, stop cleanly at Ctrl-C."""
    from mingchu import demo as demonstration
    from mingchu import logs, screen
    from mingchu import up as house

    settings = _settings(data_dir)
    if port is not None:
        settings = settings.model_copy(update={"api_port": port})
    if mqtt_host is not None:
        settings = settings.model_copy(update={"mqtt_host": mqtt_host})
    if footage is not None and not footage.is_dir():
        raise typer.BadParameter(f"{footage} is not a directory")
    settings.data.make()
    with (settings.data.logs / "up.log").open("a", encoding="utf-8") as log_file:
        logs.configure(settings.log_level, log_file)
        file = demonstration.find(scenario)
        config = house.UpConfig(settings, demo, file, footage, repeat=not once, factor=factor)
        house.run(config, screen.choose(headless=headless, json_status=json_status))


@app.command()
def migrate(
    plant: Annotated[
        str | None, typer.Option(help="Plant a shipped registry: local (one edge, one administrator) or demo.")
    ] = None,
) -> None:
    """Bring the database up to date; install the device profiles and rules that ship."""
    from mingchu import demo as demonstration
    from mingchu import seed
    from mingchu.up import install

    if plant not in (None, "local", "demo"):
        raise typer.BadParameter("--plant is local or demo")
    settings = _settings()

    async def work(connection: "Connection") -> list[str]:
        applied = await install(connection, demo_rules=plant == "demo")
        if plant is not None:
            settings.data.make()
            await demonstration.plant(connection, settings, seed.shipped(plant))
        return applied

    print("applied: " + (", ".join(_with_database(work)) or "nothing, all is up to date"))


@app.command()
def logins(demo: Annotated[bool, typer.Option("--demo", help="The demo's people.")] = False) -> None:
    """Print the logins that `up` or `migrate --plant` made, as long as their passwords were not changed."""
    from mingchu import demo as demonstration
    from mingchu import seed

    data = _settings().data
    content = seed.shipped("demo" if demo else "local")
    for login in _with_database(lambda connection: demonstration.logins(connection, data, content)):
        print(f"{login.role:<10} {login.login:<10} {login.password or '(changed since it was made)'}")


@app.command()
def drill(
    scenario: ScenarioName = "demo",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the score here.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write a page for people here.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Use this data directory, and leave it and its logs.")] = None,
    factor: Factor = 1.0,
) -> None:
    """Run the whole house on a scenario, headless, and hold the alerts against its truth; exit code 1 when it fails."""
    from mingchu import demo as demonstration
    from mingchu import drill as exercise

    outcome = exercise.run(demonstration.find(scenario), keep, factor)
    sys.exit(0 if exercise.tell(outcome, json_file, html_file) else 1)


@app.command()
def enrol() -> None:
    """Take ingest's place at a new broker, which drops what nobody has subscribed to; then ingest may come later."""
    from mingchu import services

    services.enrol(_settings())


@app.command()
def ingest(
    *,
    retire: Annotated[
        bool, typer.Option("--retire", help="Land what the broker still has for this worker, end its session, and end.")
    ] = False,
) -> None:
    """Land messages: broker to database.

    \b
    Several workers share what comes, each under a name of its own that it keeps:
      MINGCHU_SHARED=true MINGCHU_WORKER=2 mingchu ingest
    One that was stopped for good, while others work on, is retired; else its share waits at the broker for its return:
      MINGCHU_WORKER=2 mingchu ingest --retire
    """
    from mingchu import services

    services.ingest(_settings(), retire=retire)


@app.command()
def alerts() -> None:
    """Decide: rules, the workflow's clocks, pushes."""
    from mingchu import services

    services.alerts(_settings())


@app.command()
def api() -> None:
    """Show: REST, live updates and the console."""
    from mingchu import services

    services.api(_settings())


@camera.command("add")
def add_camera(
    code: str,
    *,
    site: Annotated[str, typer.Option(help="The site's code.")],
    url: Annotated[str, typer.Option(help="rtsp://user:password@host/path")],
    scene: Annotated[list[str], typer.Option(help=f"{', '.join(Scene)}; may be repeated.")],
    edge_code: Annotated[str, typer.Option("--edge", help="The edge that watches it.")] = "edge-1",
    restricted: Annotated[bool, typer.Option("--restricted", help="INTRUSION counts at every hour.")] = False,
    turns: Annotated[bool, typer.Option("--turns", help="It is meant to turn: that is no fault.")] = False,
    replay: Annotated[bool, typer.Option("--replay", help="Look for recordings fed in (real cameras only).")] = False,
    sub_url: Annotated[str, typer.Option(help="Its smaller stream, H.264, for the live view (rtsp://…).")] = "",
    chosen_mode: CameraMode = Mode.WATCH,
    weight: Weight = 1,
    zh: Annotated[str, typer.Option(help="Chinese name.")] = "",
    en: Annotated[str, typer.Option(help="English name.")] = "",
) -> None:
    """Add a camera whose whole picture is one zone, or change it. Its edge connects within seconds.

    \b
    Examples:
      mingchu camera add back-door --site kitchen-site-1 --url rtsp://user:password@192.0.2.7/1 --scene INTRUSION
      mingchu camera add store-3 --site kitchen-site-1 --url rtsp://user:password@192.0.2.8/1 --scene PEST \\
          --mode patrol --weight 3
    """
    from mingchu import seed
    from store import registry as table

    integrity = Integrity(turns=turns, replay=replay)
    chosen = seed.whole_picture(code, site, url, scene, restricted=restricted, integrity=integrity, live_url=sub_url)
    chosen = structs.replace(chosen, mode=chosen_mode, weight=weight)
    _with_database(lambda connection: table.put_camera(connection, chosen, edge_code, zh or code, en or code))
    print(f"camera {code} is {'watched' if chosen_mode is Mode.WATCH else 'patrolled'} by {edge_code}")


@camera.command("enrol")
def enrol_camera(code: str) -> None:
    """Take what the camera shows from now on as its view, after somebody turned it on purpose."""
    from store import registry as table

    _with_database(lambda connection: table.renew_view(connection, code))
    print(f"camera {code}: its view is enrolled anew")


@camera.command("list")
def list_cameras() -> None:
    """List the cameras and how they are."""
    from store import listing

    for row in _with_database(listing.cameras):
        mode = row.mode if row.weight == 1 else f"{row.mode} x{row.weight}"
        print(f"{row.code:<20} {row.health:<8} {mode:<10} site {row.site:<20} edge {row.edge:<12}", end=" ")
        print(f"zones {row.zones}  {row.zh}")


@user.command("add")
def add_user(
    login: str,
    role: Annotated[str, typer.Option(help="operator, regulator or admin")],
    authority: Annotated[str | None, typer.Option(help="Path in the regulators' tree (regulator, admin).")] = None,
    operator: Annotated[str | None, typer.Option(help="Unified social credit code (operator).")] = None,
    full_name: Annotated[str, typer.Option("--name", help="Full name.")] = "",
    *,
    configures: Annotated[
        bool, typer.Option("--configures/--looks", help="May change cameras and edges of the authority.")
    ] = True,
) -> None:
    """Add somebody, or give them a new password; prints the password once."""
    from argon2 import PasswordHasher

    from domain import credential
    from domain.alert import OUTSIDERS, Role
    from store import registry as table

    insiders = [one for one in Role if one not in OUTSIDERS]
    if role not in insiders:
        raise typer.BadParameter(
            f"--role is one of {', '.join(insiders)}; others are let in on the console's people page"
        )
    if (authority is None) == (operator is None):
        raise typer.BadParameter("give either --authority or --operator")
    password = credential.generate()
    hashed = PasswordHasher().hash(password)
    person = table.NewPerson(login, full_name or login, Role(role), hashed, authority, operator, configures=configures)
    _with_database(lambda connection: table.put_person(connection, person))
    print(f"login    {login}\npassword {password}")


@registry.command("apply")
def apply_registry(file: Path) -> None:
    """Put a registry file (like mingchu/registry/demo.toml); secrets that it makes are kept in the data directory."""
    from mingchu import demo as demonstration
    from mingchu import seed

    settings = _settings()
    content = seed.parse(_text(file))
    settings.data.make()
    places = demonstration.places(settings)
    _with_database(lambda connection: seed.plant(connection, content, places, anew=True))
    for person in content.person:
        print(f"login {person.login} password {settings.data.secret(f'person.{person.login}')}")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"cannot read {file}: {error.strerror}") from error


@app.command()
def version() -> None:
    """Print the version."""
    from mingchu.release import version as current

    print(current())
