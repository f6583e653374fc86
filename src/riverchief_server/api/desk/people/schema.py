"""Who answers for a bank, as the API says it."""

from ninja import Schema

from riverchief_server.api.desk.words import Bank


class Chief(Schema):
    """Somebody who answers for a bank of a reach today."""

    level: str
    level_name: str
    post: str
    holder: str
    unit: str
    phone: str
    since: str


class BankChiefs(Schema):
    """Who answers for one bank, level by level; ``gaps`` names levels where nobody does."""

    bank: Bank
    bank_name: str
    region: str | None
    chiefs: list[Chief]
    gaps: list[str]
