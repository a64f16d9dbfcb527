"""`mingchu bench …`: figures against the bare limit, as a table and as JSON."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

bench = typer.Typer(
    help="Measure against the bare limit. An idle machine gives figures worth quoting.", no_args_is_help=True
)

P = TypeVar("P", bound=str)

Json = Annotated[Path | None, typer.Option("--json", help="Write the figures here.")]


@bench.command("video")
def bench_video(
    json_file: Json = None,
    clip: Annotated[Path | None, typer.Option(help="A 1080p clip in which nothing happens.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to watch in each part.")] = 40.0,
    only: Annotated[
        list[str] | None, typer.Option(help="Just this part: idle, many (memory too), usual or slow.")
    ] = None,
) -> None:
    """What watched cameras cost, inference included, against the bare limit and the usual loop; six minutes.

    \b
    Examples:
      mingchu bench video --json video.json
      mingchu bench video --only idle --only usual
    """
    from mingchu.bench import figure, video
    from simulators.scenario_file import FOOTAGE

    strange = set(only or ()) - set(video.PARTS)
    if strange:
        raise typer.BadParameter(f"no such part: {', '.join(sorted(strange))}; there are {', '.join(video.PARTS)}")
    figures = video.measure(
        clip or FOOTAGE / "quiet.mp4", seconds, only or (), tell=lambda line: typer.echo(line, err=True)
    )
    sys.exit(not figure.publish(figures, json_file))


@bench.command("inference")
def bench_inference(json_file: Json = None) -> None:
    """Both models against the bare ONNX Runtime session, and against ultralytics' predict where it is installed."""
    from inference.eye import TRAITS
    from mingchu.bench import figure, inference
    from mingchu.services import shipped_weights

    weights = shipped_weights()
    sys.exit(not figure.publish(inference.measure(weights, weights.with_name(TRAITS)), json_file))


@bench.command("cameras")
def bench_cameras(
    json_file: Json = None,
    clip: Annotated[Path | None, typer.Option(help="A 1080p clip; otherwise one of 4 Mbit/s is made.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to watch.")] = 30.0,
) -> None:
    """What 32 simulated 1080p cameras cost over TCP, without their viewers."""
    from mingchu.bench import cameras, figure

    sys.exit(not figure.publish(cameras.measure(clip, seconds), json_file))


@bench.command("live")
def bench_live(
    json_file: Json = None,
    clip: Annotated[Path | None, typer.Option(help="A 1080p clip; otherwise one of 4 Mbit/s is made.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to watch.")] = 30.0,
) -> None:
    """What a viewer of the live view costs the edge, of H.264 and of HEVC, and how long the first picture takes."""
    from mingchu.bench import figure, live

    sys.exit(not figure.publish(live.measure(clip, seconds), json_file))


@bench.command("query")
def bench_query(
    json_file: Json = None,
    count: Annotated[int, typer.Option("--readings", min=100_000, help="How many readings to load.")] = 10_000_000,
    dsn: Annotated[
        str | None, typer.Option("--database", help="An empty database, e.g. with TimescaleDB; else an embedded one.")
    ] = None,
) -> None:
    """A chart of 90 days, a site's latest values and a market's day, over many readings; and how many bytes they take.

    With --database on TimescaleDB's Community edition the bytes are told plain and compressed.

    --readings 100000000 takes some ten minutes and 15 GB.
    """
    from mingchu.bench import figure, query

    sys.exit(not figure.publish(query.measure(count, dsn), json_file))


@bench.command("relay")
def bench_relay(
    json_file: Json = None,
    messages: Annotated[int, typer.Option(help="How many messages of the site's devices.", min=100)] = 200_000,
) -> None:
    """How fast an edge keeps what its site's devices say, and brings it after an outage."""
    from mingchu.bench import figure, relay

    sys.exit(not figure.publish(relay.measure(messages), json_file))


@bench.command("dialect")
def bench_dialect(
    json_file: Json = None,
    count: Annotated[int, typer.Option("--messages", min=1000, help="How many messages of each kind.")] = 20_000,
    users: Annotated[int, typer.Option(min=1, help="How many users the broker rereads.")] = 10_000,
) -> None:
    """What a vendor's own JSON and Sparkplug cost beside the native message; and a broker that rereads its users."""
    from mingchu.bench import dialect, figure

    sys.exit(not figure.publish(dialect.measure(count, users), json_file))


@bench.command("ingest")
def bench_ingest(
    *,
    json_file: Json = None,
    only: Annotated[list[str] | None, typer.Option(help="rate, gateway, two, burst or held; may be repeated.")] = None,
    messages: Annotated[int, typer.Option(help="How many with 8 readings each.")] = 300_000,
    gateway: Annotated[int, typer.Option(help="How many with 100 readings each.")] = 30_000,
    burst: Annotated[int, typer.Option(help="How many wait in the broker.")] = 200_000,
    held: Annotated[float, typer.Option(help="Seconds at 1,400 messages/s beside the whole house.")] = 60.0,
) -> None:
    """From the broker into the tables, against the bare COPY of the same rows. Five parts, some minutes in all.

    mingchu bench ingest --json ingest.json

    mingchu bench ingest --only held --held 600

    mingchu bench ingest --only burst --burst 1000000
    """
    from mingchu.bench import figure, ingest

    wanted = _chosen(ingest.PARTS, only)
    sizes = ingest.Sizes(messages, gateway, held, burst)
    sys.exit(not figure.publish(ingest.measure(wanted, sizes), json_file))


@bench.command("patrol")
def bench_patrol(
    json_file: Json = None,
    cameras: Annotated[int, typer.Option(min=40, help="How many cameras.")] = 500,
    period: Annotated[float, typer.Option(min=5, help="Each is visited once in so many seconds.")] = 60.0,
    seconds: Annotated[float, typer.Option(min=20, help="How long to count.")] = 120.0,
) -> None:
    """How many cameras one edge visits in a minute on two cores, simulators included; about six minutes.

    \b
    Examples:
      mingchu bench patrol --json patrol.json
      mingchu bench patrol --cameras 200 --period 24 --seconds 40     the same rate, in three minutes
    """
    from mingchu.bench import figure, patrol

    sys.exit(not figure.publish(patrol.measure(cameras, period, seconds), json_file))


@bench.command("alerts")
def bench_alerts(
    *,
    json_file: Json = None,
    only: Annotated[list[str] | None, typer.Option(help="engine, storm, webhooks or queue; may be repeated.")] = None,
    signals: Annotated[int, typer.Option(min=1000, max=10_000, help="How many wait for the engine.")] = 10_000,
    count: Annotated[int, typer.Option("--alerts", min=10_000, help="How many alerts the queue has.")] = 100_000,
    storm: Annotated[float, typer.Option(min=10.0, help="Seconds at 10,000 signals a minute.")] = 60.0,
) -> None:
    """Signals through the alert engine, a long queue's pages, class I pushes and webhooks through a storm.

    \b
    Examples:
      mingchu bench alerts --json alerts.json
      mingchu bench alerts --only queue --alerts 1000000     some two minutes and 1 GB
      mingchu bench alerts --only storm --storm 300
      mingchu bench alerts --only webhooks --storm 30    10,000 events, two broken receivers
    """
    from mingchu.bench import alerts, figure

    wanted = _chosen(alerts.PARTS, only)
    sys.exit(not figure.publish(alerts.measure(wanted, alerts.Sizes(signals, count, storm)), json_file))


@bench.command("api")
def bench_api(
    *,
    json_file: Json = None,
    people: Annotated[int, typer.Option(min=10, max=5000, help="Sessions with an open stream each.")] = 600,
    count: Annotated[int, typer.Option("--alerts", min=10_000, help="How many alerts the queue has.")] = 1_000_000,
    changes: Annotated[float, typer.Option(min=0.1, help="Alerts that change a second.")] = 1.0,
    seconds: Annotated[float, typer.Option(min=10.0, help="How long to measure.")] = 60.0,
) -> None:
    """The console under load: 600 people with live updates, a million alerts, pages, and the first page's weight.

    \b
    Examples:
      mingchu bench api --json api.json                  four minutes and 1 GB
      mingchu bench api --alerts 20000 --people 100      a first look
    """
    from mingchu.bench import console, figure

    load = console.Load(people, count, changes, seconds)
    sys.exit(not figure.publish(console.measure(load), json_file))


@bench.command("risk")
def bench_risk(
    json_file: Json = None,
    sites: Annotated[int, typer.Option(min=100, help="How many sites, with three cameras and a device each.")] = 12_000,
    count: Annotated[int, typer.Option("--alerts", min=100, help="How many alerts in 90 days.")] = 45_000,
) -> None:
    """Risk scores of a whole city: seconds, CPU, how long the engine's loop is held, and a page of the ranking.

    \b
    Examples:
      mingchu bench risk --json risk.json
      mingchu bench risk --sites 1000 --alerts 4000     in a few seconds
    """
    from mingchu.bench import figure, risk

    sys.exit(not figure.publish(risk.measure(sites, count), json_file))


def _chosen(parts: Sequence[P], only: Sequence[str] | None) -> list[P]:
    """Those of the parts that `--only` names, all without it."""
    if unknown := set(only or ()) - set(parts):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: choose from {', '.join(parts)}", param_hint="--only")
    return [part for part in parts if not only or part in only]


@bench.command("lists")
def bench_lists(
    json_file: Json = None,
    alerts: Annotated[int, typer.Option(help="How many alerts there are.")] = 300_000,
) -> None:
    """What a page of REST's long lists costs at their beginning and at their end; a minute.

    \b
    Examples:
      mingchu bench lists --json lists.json
    """
    from mingchu.bench import figure, lists

    sys.exit(not figure.publish(lists.measure(alerts), json_file))


@bench.command("soak")
def bench_soak(
    *,
    json_file: Json = None,
    file: Annotated[Path, typer.Option(help="The journal to begin.")] = Path("soak.jsonl"),
    hours: Annotated[float, typer.Option(min=0.01, help="How long.")] = 2.0,
    minutes: Annotated[float | None, typer.Option(min=1, help="How long, instead of --hours.")] = None,
    period: Annotated[float, typer.Option(min=1, help="Seconds between two samples.")] = 10.0,
    data_dir: Annotated[Path | None, typer.Option(help="The house's data, made here and left there.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with this journal after an interruption.")] = None,
    report: Annotated[Path | None, typer.Option(help="Only the figures of this journal, also while it grows.")] = None,
) -> None:
    """The whole house for two hours at 500 readings/s and two cameras: memory and descriptors must not grow.

    \b
    Examples:
      mingchu bench soak --json soak.json
      mingchu bench soak --minutes 20 --file short.jsonl
      mingchu bench soak --resume soak.jsonl
      mingchu bench soak --report soak.jsonl
    """
    from mingchu.bench import figure, soak, soak_report
    from mingchu.bench.soak_journal import Journal

    if report is not None:
        figures = soak_report.report(Journal(report))
    elif resume is not None:
        figures = soak.resume(Journal(resume))
    else:
        figures = soak.begin(Journal(file), hours * 3600 if minutes is None else minutes * 60, period, data_dir)
    sys.exit(not figure.publish(figures, json_file))
