"""Who is asking, and what a page must know before it draws itself."""

from typing import Literal

from ninja import Field, Schema

from riverchief_server.api.desk.words import Choice, ClassWords


class Account(Schema):
    """Who is asking, and what they may do."""

    username: str
    name: str
    role: str
    role_name: str
    unit: str | None
    region_code: str | None
    region_name: str | None
    may: list[str]


class DemoRole(Schema):
    """One of the demonstration's people, to log in as with one click."""

    username: str
    name: str
    role_name: str
    what: str


class Session(Schema):
    """Everything a page needs to know before it draws itself."""

    account: Account | None
    demo: bool
    demo_roles: list[DemoRole]
    county_code: str
    county_name: str
    schematic: bool
    language: Literal["zh", "en"]
    timezone: str
    version: str
    categories: list[Choice]
    states: list[Choice]
    units: list[Choice]
    classes: list[ClassWords]


class Login(Schema):
    """What the login form sends."""

    username: str = Field(max_length=150)
    password: str = Field(max_length=200)


class DemoLogin(Schema):
    """Which of the demonstration's people to become."""

    username: str = Field(max_length=150)
