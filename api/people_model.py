"""What REST says of people, roles, sessions, API tokens and the audit log."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, Names
from domain.alert import Role
from domain.permission import Permission

Identity = Annotated[int, Field(ge=1, le=2**62, examples=[7])]
Login = Annotated[
    str, Field(min_length=2, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@\-]*$", examples=["li.qiang"])
]
FullName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S", examples=["李强"])]
RoleName = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S", examples=["值班员"])]
Path = Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$", examples=["gz.yx"])]
Code = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9][a-z0-9-]*$", examples=["acme"])]
Lang = Literal["zh", "en"]
_PERMISSIONS = [Permission.READ, Permission.ALERT_REVIEW]


class RoleChoice(BaseModel):
    """Which role: a built-in one, or one of the authority's own that stands on it."""

    role: Role = Field(examples=["regulator"])
    own_role: Identity | None = Field(
        default=None, examples=[None], description="a role of `/roles`; its base is `role`"
    )


class AccountChange(RoleChoice):
    """What a manager may change of an account."""

    name: FullName
    lang: Lang = Field(default="zh", examples=["zh"])


class NewAccount(AccountChange):
    """Somebody to let in: of an authority (regulator, admin), an operator, a vendor or a maintenance firm."""

    login: Login
    authority: Path | None = Field(default=None, description="of regulators and admins")
    operator: Identity | None = Field(default=None, examples=[None], description="the operator's id, of its people")
    vendor: Code | None = Field(default=None, examples=[None], description="the vendor's code, of its people")
    firm: Identity | None = Field(default=None, examples=[None], description="the maintenance firm's id, of its people")


class Account(BaseModel):
    """One person who may log in, or no more."""

    id: int = Field(examples=[7])
    login: str = Field(examples=["li.qiang"])
    name: str = Field(examples=["李强"])
    role: Role = Field(examples=["regulator"])
    own_role: int | None = Field(examples=[None])
    role_name: Names | None = Field(examples=[None], description="of a role of the authority's own")
    permissions: list[Permission] = Field(examples=[_PERMISSIONS])
    authority: str | None = Field(examples=["gz.yx"])
    operator: int | None = Field(examples=[None])
    vendor: str | None = Field(default=None, examples=[None])
    firm: int | None = Field(default=None, examples=[None])
    place: Names
    lang: str = Field(examples=["zh"])
    enabled: bool = Field(examples=[True])
    linked: bool = Field(examples=[False], description="has logged in by the identity provider")
    may_change: bool = Field(examples=[True], description="false: oneself, or somebody who may more than one may give")


class HandedPassword(BaseModel):
    """A password that is shown this once."""

    account: Account
    password: str = Field(examples=["dGhpcyBpcyBzaG93biBvbmNl"])


class OwnRole(BaseModel):
    """A role of an authority's own. `mine` false: made by an authority above."""

    id: int = Field(examples=[3])
    authority: str = Field(examples=["gz.yx"])
    zh: str = Field(examples=["值班员"])
    en: str = Field(examples=["Duty officer"])
    base: Role = Field(examples=["regulator"])
    permissions: list[Permission] = Field(examples=[_PERMISSIONS])
    people: int = Field(examples=[4], description="who have it, as far as the reader may see")
    mine: bool = Field(examples=[True])


class RoleChange(BaseModel):
    """Another name, other permissions."""

    zh: RoleName
    en: RoleName
    permissions: list[Permission] = Field(max_length=50, examples=[_PERMISSIONS])


class NewOwnRole(RoleChange):
    """A role to make. Its permissions are ones that `base` allows and that one may give."""

    base: Role = Field(examples=["regulator"])


class PasswordChange(BaseModel):
    """One's own password: the present one and the next."""

    old: str = Field(min_length=1, max_length=200, examples=["the present pass phrase"])
    new: str = Field(min_length=12, max_length=200, examples=["a longer pass phrase"])


class Session(BaseModel):
    """An open session of one's own."""

    model_config = ConfigDict(from_attributes=True)
    id: int = Field(examples=[12])
    created: datetime = Field(examples=[AT])
    expires: datetime = Field(examples=[AT])
    address: str = Field(examples=["10.1.1.1"])
    agent: str = Field(examples=["Mozilla/5.0"])
    own: bool = Field(examples=[True], description="the one that asks")


class NewToken(BaseModel):
    """A token to make. Reading is always in; without more the token is read-only."""

    name: str = Field(min_length=1, max_length=100, pattern=r"\S", examples=["nightly export"])
    scopes: list[Permission] = Field(default_factory=list, max_length=50, examples=[[Permission.READ]])
    days: int = Field(default=90, ge=1, le=366, examples=[90])


class Token(BaseModel):
    """An API token, without its secret."""

    model_config = ConfigDict(from_attributes=True)
    id: int = Field(examples=[5])
    name: str = Field(examples=["nightly export"])
    scopes: list[str] = Field(examples=[["data.read"]])
    created: datetime = Field(examples=[AT])
    expires: datetime = Field(examples=[AT])
    used: datetime | None = Field(examples=[None], description="true to the minute")
    revoked: datetime | None = Field(examples=[None])


class MadeToken(Token):
    """A new token; `secret` is shown this once."""

    secret: str = Field(examples=["mct_shown-once"])


class AuditEntry(BaseModel):
    """One entry of the audit log; without `login` nobody did it who is known, or the system."""

    id: int = Field(examples=[120])
    at: datetime = Field(examples=[AT])
    login: str | None = Field(examples=["yuexiu"])
    name: str | None = Field(examples=["李强"])
    action: str = Field(examples=["card_lifted"])
    detail: dict[str, object] = Field(examples=[{"card": 3, "site": 7}])


class AuditChain(BaseModel):
    """Whether every entry, whoever's, follows the one before it; `broken` is the first that does not."""

    entries: int = Field(examples=[1200])
    intact: bool = Field(examples=[True])
    broken: int | None = Field(examples=[None])
