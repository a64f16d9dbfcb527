"""`mingchu broker …`: the files of a broker that runs elsewhere, and the authority that devices trust."""

from pathlib import Path
from typing import Annotated

import typer

_HELP = """\
The broker of devices and edges.

\b
Examples:
  mingchu up --mqtt-host 0.0.0.0                   devices of other machines come over TLS, port 8883
  mosquitto_pub --cafile "$(mingchu broker ca)" -h HOST -p 8883 -u USER -P PASSWORD -q 1 -t TOPIC -m MESSAGE
  mingchu broker keep /broker --host 0.0.0.0       for a mosquitto in another container
"""

broker = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@broker.command("keep")
def keep_broker(
    directory: Annotated[Path, typer.Argument(help="Where to write mosquitto.conf, users and rights.")],
    host: Annotated[str, typer.Option(help="Where mosquitto is to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="For devices and edges.")] = 1883,
    service_port: Annotated[int, typer.Option(help="For the services.")] = 1884,
    tls_port: Annotated[
        int | None, typer.Option(help="For devices and edges over TLS; their names for it: MINGCHU_MQTT_NAMES.")
    ] = None,
) -> None:
    """Write the files of a mosquitto that runs elsewhere, and follow the registry; it must reread them at a change."""
    from mingchu import services
    from mingchu.errand import settings_of

    services.broker(settings_of(), directory.absolute(), host, (port, service_port), tls_port)


@broker.command("ca")
def show_authority() -> None:
    """Print the path of the authority's certificate: devices on other machines trust it (--cafile)."""
    from mingchu.errand import settings_of
    from mingchu.settings import BadSettingError

    file = settings_of().data.authority.certificate
    if not file.exists():
        raise BadSettingError("there is no authority yet: start `mingchu up --mqtt-host 0.0.0.0` once")
    print(file)
