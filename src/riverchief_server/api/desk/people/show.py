"""Who answers for a reach, bank by bank and level by level."""

from __future__ import annotations

from datetime import date

from riverchief.place.bank import Bank
from riverchief.table import read_table
from riverchief_server.api.desk.people.schema import BankChiefs, Chief
from riverchief_server.api.words import name_of, say
from riverchief_server.parties.queries import answering, gaps_of
from riverchief_server.places.models import Reach


def show_banks(reach: Reach, day: date, language: str, bank: Bank = Bank.BOTH) -> list[BankChiefs]:
    """The chiefs of each bank of ``reach`` on ``day`` (of one bank only, where given), gaps named."""
    banks = (Bank.LEFT, Bank.RIGHT) if bank is Bank.BOTH else (bank,)
    return [_bank(reach, side, day, language) for side in banks]


def _bank(reach: Reach, bank: Bank, day: date, language: str) -> BankChiefs:
    levels = {row["level"]: row for row in read_table("riverchief.party", "levels.csv")}
    region = (reach.left_region if bank is Bank.LEFT else reach.right_region) or reach.region
    gaps = [gap for gap in gaps_of(reach, day) if gap.bank is bank]
    return BankChiefs(
        bank=bank.value,
        bank_name=say(f"bank_{bank.value}", language),
        region=region.name if region else None,
        chiefs=[
            Chief(
                level=duty.level,
                level_name=name_of(levels[duty.level], language),
                post=say(f"post_{duty.post}", language),
                holder=duty.holder,
                unit=duty.unit.name,
                phone=duty.phone or duty.unit.phone,
                since=duty.begins.isoformat(),
            )
            for duty in answering(reach, bank, day)
        ],
        gaps=[say("gap", language, level=name_of(levels[gap.level], language)) for gap in gaps],
    )
