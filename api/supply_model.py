"""What REST says to a vendor of its own devices (ADR 45, 51)."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT


class SuppliedDevice(BaseModel):
    """One device. Of its site the code alone is told, as it stands in the topics."""

    model_config = ConfigDict(from_attributes=True)
    id: int = Field(examples=[12])
    site: str = Field(examples=["coldstore-1"])
    code: str = Field(examples=["room-1"])
    zh: str = Field(examples=["一号冷库"])
    en: str = Field(examples=["Cold store 1"])
    profile: str = Field(examples=["acme-room"])
    version: int = Field(examples=[3], description="of the profile that is in use")
    serial: str = Field(examples=["SN-0042"])
    online: bool = Field(examples=[True])
    last_seen: datetime | None = Field(examples=[AT])
    admitted: bool = Field(examples=[True], description="has a credential that is in force")
    issued: datetime | None = Field(examples=[AT], description="when that credential was given")
    revoked: datetime | None = Field(examples=[None])
    letters: int = Field(examples=[0], description="messages refused within the last day")


class Turn(BaseModel):
    """When a device came or went."""

    model_config = ConfigDict(from_attributes=True)
    at: datetime = Field(examples=[AT])
    online: bool = Field(examples=[False])


class SuppliedCredential(BaseModel):
    """A device's new credential; the password is shown this once."""

    model_config = ConfigDict(from_attributes=True)
    device: SuppliedDevice
    mqtt_url: str | None = Field(examples=["mqtts://mqtt.example:8883"], description="null: ask who runs the platform")
    user: str = Field(examples=["coldstore-1.room-1"])
    password: str = Field(examples=["dGhpcyBpcyBzaG93biBvbmNl"])
    topic: str = Field(examples=["mc/v1/coldstore-1/room-1/telemetry"], description="of the platform's own messages")
    foreign_topic: str = Field(examples=["mx/v1/coldstore-1/room-1/"], description="what a dialect's topics begin with")


class KitReport(BaseModel):
    """A report of the vendor kit that was handed in, as its signature vouches for it."""

    model_config = ConfigDict(from_attributes=True)
    id: int = Field(examples=[3])
    profile: str = Field(examples=["acme-room"])
    version: int = Field(examples=[3])
    device: str = Field(examples=["coldstore-1/room-1"])
    conforms: bool = Field(examples=[True])
    failed: int = Field(examples=[0], description="checks")
    made: datetime = Field(examples=[AT])
    key: str = Field(examples=["3b6a27bcceb6a42d62a3a8d02a6f0d73"], description="the signer's public key, hexadecimal")
    at: datetime = Field(examples=[AT], description="when it was handed in")
