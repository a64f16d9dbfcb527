"""Pictures and notices under the field names of GA/T 1400 (a city's video image library); see docs/API.md.

Only the names and the nesting are the standard's. There is no VIID registration, no digest login, no signing in:
a gateway of the city's takes these documents from here.
"""

from pydantic import BaseModel, Field

_TIME = "20261122111520"


class SubImageInfo(BaseModel):
    """A picture (GA/T 1400.3, SubImageInfo). `StoragePath` is read with the same token."""

    ImageID: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2"], description="41 characters of its SHA-256"
    )
    DeviceID: str = Field(examples=["canteen-1-stove"], description="our camera's code, not a 20-digit GB/T 28181 id")
    Type: str = Field(examples=["14"], description="14: the scene")
    FileFormat: str = Field(examples=["Jpeg"])
    ShotTime: str = Field(examples=[_TIME], description="China time")
    Title: str = Field(examples=["后厨吸烟"])
    ContentDescription: str = Field(examples=["12 秒内 11 个样本中 9 个看到手机靠近人员"])
    ShotPlaceFullAdress: str = Field(examples=["百味餐厅中山五路店"], description="spelt as the standard spells it")
    StoragePath: str = Field(examples=["/api/v1/evidence/9f86…"])
    FileHash: str = Field(examples=["9f86d081…"], description="SHA-256")


class SubImageList(BaseModel):
    """Pictures of one notice."""

    SubImageInfoObject: list[SubImageInfo]


class SubscribeNotification(BaseModel):
    """An alert as a notice to whoever subscribed (GA/T 1400.4, SubscribeNotification)."""

    NotificationID: str = Field(examples=["17.3"], description="alert and version: the same again is the same notice")
    SubscribeID: str = Field(examples=["mingchu-alerts"])
    Title: str = Field(examples=["后厨吸烟"])
    TriggerTime: str = Field(examples=[_TIME])
    InfoIDs: str = Field(examples=["17"], description="the alert's id")
    ExecuteOperation: int = Field(examples=[1], description="1: new, 2: changed")
    SubImageList: SubImageList


class SubscribeNotificationList(BaseModel):
    """The notices of a page."""

    SubscribeNotificationObject: list[SubscribeNotification]


class Notices(BaseModel):
    """The document that a video image library takes at `/VIID/SubscribeNotifications`."""

    SubscribeNotificationListObject: SubscribeNotificationList
