"""Who answers for which bank of which reach, from when to when."""

from datetime import date

import pytest

from riverchief.errors import BadInput
from riverchief.place.bank import Bank
from riverchief_server.cli.importing import import_files
from riverchief_server.parties.models import Responsibility
from riverchief_server.parties.queries import answering, gaps_on
from riverchief_server.places.models import Reach
from tests.server.conftest import NOW

HEADER = "unit,post,holder,level,reach_from,reach_to,bank,from,to\n"


def holders(reach: str, bank: Bank, day: date) -> list[str]:
    return [duty.holder for duty in answering(Reach.objects.get(code=reach), bank, day)]


@pytest.mark.usefixtures("county")
class TestResponsibility:
    def test_each_bank_has_its_own_chief(self):
        today = date(2026, 11, 24)
        assert holders("C", Bank.LEFT, today) == ["县级河长", "河长 · 甲镇", "河长 · 甲村"]
        assert holders("C", Bank.RIGHT, today) == ["县级河长", "河长 · 乙乡", "河长 · 甲村"]

    def test_who_was_responsible_on_the_day(self):
        assert "河长 · 甲镇（前任）" in holders("C", Bank.LEFT, date(2024, 6, 30))
        assert "河长 · 甲镇" in holders("C", Bank.LEFT, date(2024, 7, 1))
        assert "河长 · 甲镇" not in holders("C", Bank.LEFT, date(2024, 6, 30))

    def test_a_range_is_the_way_of_the_water(self):
        duty = Responsibility.objects.get(holder="河长 · 甲镇")
        assert {reach.code for reach in duty.reaches.all()} == {"A", "C", "D"}

    def test_everybody_is_there_so_no_gap(self):
        assert gaps_on(date(2026, 11, 24)) == []

    def test_a_day_before_anybody_began_is_all_gaps(self):
        assert len(gaps_on(date(2019, 1, 1))) == 4 * 2 * 3  # reaches x banks x levels

    def test_a_range_against_the_water_is_refused_with_everything_else_wrong(self):
        text = (
            HEADER
            + "town,chief,x,township,D,A,left,2024-01-01,2023-01-01\nnobody,chief,x,township,A,,left,2024-01-01,\n"
        )
        with pytest.raises(BadInput) as refused:
            import_files("parties", [("r.csv", text.encode())], NOW)
        found = {(fault.kind, fault.line) for fault in refused.value.faults}
        assert found == {("not_downstream", 2), ("ends_before_begins", 2), ("unknown_unit_code", 3)}

    def test_importing_again_is_the_same_duty(self):
        before = Responsibility.objects.count()
        text = HEADER + "town,chief,河长 · 甲镇,township,A,D,left,2024-07-01,2026-12-31\n"
        import_files("parties", [("r.csv", text.encode())], NOW)
        assert Responsibility.objects.count() == before
        assert Responsibility.objects.get(holder="河长 · 甲镇").ends == date(2026, 12, 31)
