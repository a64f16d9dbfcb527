"""A typed client of Mingchu's REST, for other programs: it needs httpx and msgspec and nothing else of Mingchu.

from mingchu.client import Client, model

with Client("https://console.example", token="mct_…") as mingchu:
    for alert in mingchu.get_alerts(status=["open"]):
        mingchu.post_alert_acknowledge(alert.id, model.ActionOrder(version=alert.version))
"""

from mingchu.client import model
from mingchu.client.api import Client
from mingchu.client.session import File, Refused
from mingchu.client.stream import Event

__all__ = ["Client", "Event", "File", "Refused", "model"]
