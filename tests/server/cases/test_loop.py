"""The loop of a case from report to sign-off, its rules and its history."""

import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from PIL import Image

from riverchief.errors import BadInput, Conflict, NotAllowed
from riverchief_server.cases.actions import NewCase, NewStep, open_case, take_step
from riverchief_server.cases.listing import inbox
from riverchief_server.cases.models import Attachment, Case, Transition
from riverchief_server.cases.queries import broken_entry, visible_to
from riverchief_server.cases.uploads import file_of, keep_photo
from riverchief_server.parties.models import Account, Unit
from riverchief_server.places.models import Reach
from tests.server.conftest import NOW

People = dict[str, Account]


def picture(colour: str = "green") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def photo(by: Account, kind: str = "photo") -> UUID:
    return keep_photo(uuid4(), picture(), by, NOW, kind=kind).uuid


def report(by: Account, **more: object) -> Case:
    facts = {"uuid": uuid4(), "title": "岸边堆放垃圾", "description": "", "source": "patrol", "categories": ["dumping"]}
    new = NewCase(**(facts | {"reach": Reach.objects.get(code="C"), "bank": "left"} | more))
    return open_case(new, by, NOW)[0]


def step(case: Case, to: str, by: Account | None, **more: object) -> Case:
    version = Case.objects.get(pk=case.pk).version
    told = {"why_no_photo": "夜间无法拍摄"} if to == "verified" else {}
    return take_step(case, NewStep(**({"uuid": uuid4(), "to": to, "version": version} | told | more)), by, NOW)


def to_dispatched(people: People) -> Case:
    case = step(report(people["patroller"]), "registered", people["office"])
    return step(
        case, "dispatched", people["office"], unit=Unit.objects.get(code="town"), due_at=NOW + timedelta(days=10)
    )


def to_rectified(people: People) -> Case:
    case = step(to_dispatched(people), "rectifying", people["town"])
    return step(case, "rectified", people["town"], reason="已清运", attachments=[photo(people["town"])])


class TestTheLoop:
    def test_from_report_to_sign_off(self, people: People):
        case = to_rectified(people)
        case = step(case, "verified", people["verifier"], reason="现场已清理干净")
        case = step(case, "closed", people["office"])
        assert case.closed_at == NOW
        told = [(entry.from_state, entry.to_state, entry.actor.username) for entry in case.transitions.all()]
        assert told == [
            ("", "reported", "patroller"),
            ("reported", "registered", "office"),
            ("registered", "dispatched", "office"),
            ("dispatched", "rectifying", "town"),
            ("rectifying", "rectified", "town"),
            ("rectified", "verified", "verifier"),
            ("verified", "closed", "office"),
        ]
        assert broken_entry(case) is None

    def test_it_is_numbered_by_county_and_year(self, people: People):
        first, second = report(people["patroller"]), report(people["patroller"])
        assert (first.number, second.number) == ("999901-2026-0001", "999901-2026-0002")

    def test_it_knows_its_region_and_who_answers(self, people: People):
        assert report(people["patroller"], bank="left").suggested_unit.code == "town"
        assert report(people["patroller"], bank="right").suggested_unit.code == "rural"

    def test_the_same_report_sent_twice_is_one_case(self, people: People):
        uuid = uuid4()
        first = report(people["patroller"], uuid=uuid)
        again, is_new = open_case(
            NewCase(uuid, "岸边堆放垃圾", "", "patrol", reach=first.reach), people["patroller"], NOW
        )
        assert (again.pk, is_new) == (first.pk, False)

    def test_an_unknown_category_is_named(self, people: People):
        with pytest.raises(BadInput) as refused:
            report(people["patroller"], categories=["dumpling"])
        assert "dumping" in refused.value.faults[0].details["nearest"]


class TestTheRules:
    def test_only_the_office_registers(self, people: People):
        case = report(people["patroller"])
        with pytest.raises(NotAllowed) as refused:
            step(case, "registered", people["town"])
        assert "河长办" in refused.value.text("zh")

    def test_only_the_unit_it_was_sent_to_accepts(self, people: People):
        with pytest.raises(NotAllowed):
            step(to_dispatched(people), "rectifying", people["rural"])

    def test_a_step_that_needs_something_names_all_of_it(self, people: People):
        case = step(to_dispatched(people), "rectifying", people["town"])
        with pytest.raises(BadInput) as refused:
            step(case, "rectified", people["town"])
        assert [fault.column for fault in refused.value.faults] == ["reason", "photo_after"]

    def test_a_day_that_is_decided_lies_ahead(self, people: People):
        case = step(report(people["patroller"]), "registered", people["office"])
        town = Unit.objects.get(code="town")
        with pytest.raises(BadInput) as refused:
            step(case, "dispatched", people["office"], unit=town, due_at=NOW - timedelta(seconds=1))
        assert [fault.kind for fault in refused.value.faults] == ["deadline_in_past"]
        assert step(case, "dispatched", people["office"], unit=town, due_at=NOW).due_at == NOW

    def test_somebody_of_no_region_and_no_unit_sees_no_case(self, people: People):
        case = report(people["patroller"])
        stranger = Account.objects.create(username="stranger", role="office")
        assert case in visible_to(people["office"]) and case not in visible_to(stranger)

    def test_whoever_did_the_work_cannot_verify_it(self, people: People):
        case = to_rectified(people)
        Account.objects.filter(username="town").update(role="verifier")
        with pytest.raises(NotAllowed) as refused:
            step(case, "verified", Account.objects.get(username="town"), reason="好")
        assert refused.value.fault.kind == "four_eyes"

    def test_nor_can_a_colleague_of_the_same_unit(self, people: People):
        case = to_rectified(people)
        colleague = Account.objects.create(username="colleague", role="verifier", unit=people["town"].unit)
        with pytest.raises(NotAllowed) as refused:
            step(case, "verified", colleague, reason="好")
        assert refused.value.fault.kind == "four_eyes"

    def test_nor_whoever_did_it_before_somebody_else_did_it_again(self, people: People):
        case = step(to_rectified(people), "rectifying", people["verifier"], reason="仍有残留")
        second = Account.objects.create(username="second", role="township_chief", unit=people["town"].unit)
        case = step(case, "rectified", second, reason="又清一遍", attachments=[photo(second)])
        Account.objects.filter(username="town").update(role="verifier", unit=people["verifier"].unit)
        first = Account.objects.get(username="town")
        with pytest.raises(NotAllowed) as refused:
            step(case, "verified", first, reason="好")
        assert refused.value.fault.kind == "four_eyes"
        assert case not in inbox(first) and case in inbox(people["verifier"])

    def test_nor_a_colleague_of_a_unit_that_did_it_before_another_did(self, people: People):
        case = step(report(people["patroller"]), "registered", people["office"])
        on_spot = [photo(people["patroller"])]
        case = step(case, "resolved_on_spot", people["patroller"], reason="当场清走", attachments=on_spot)
        case = step(case, "registered", people["verifier"], reason="仍有残留")
        town = Unit.objects.get(code="town")
        case = step(case, "dispatched", people["office"], unit=town, due_at=NOW + timedelta(days=10))
        case = step(case, "rectifying", people["town"])
        case = step(case, "rectified", people["town"], reason="已清运", attachments=[photo(people["town"])])
        neighbour = Account.objects.create(username="neighbour", role="verifier", unit=people["patroller"].unit)
        with pytest.raises(NotAllowed) as refused:
            step(case, "verified", neighbour, reason="好")
        assert refused.value.fault.kind == "four_eyes"
        assert case not in inbox(neighbour)

    def test_work_that_is_refused_goes_back_and_is_counted(self, people: People):
        case = step(to_rectified(people), "rectifying", people["verifier"], reason="仍有残留")
        assert (case.state, case.times_refused) == ("rectifying", 1)

    def test_a_case_that_is_returned_is_counted_and_waits_for_the_office(self, people: People):
        case = step(to_dispatched(people), "returned", people["town"], reason="不在本镇")
        assert case.times_returned == 1
        assert case in inbox(people["office"])

    def test_an_extension_can_be_asked_for_once(self, people: People):
        case = step(to_dispatched(people), "rectifying", people["town"])
        until = NOW + timedelta(days=20)
        case = step(case, "extension_requested", people["town"], reason="连续降雨", until=until)
        case = step(case, "rectifying", people["office"], due_at=until, reason="同意")
        assert case.due_at == until
        with pytest.raises(BadInput) as refused:
            step(case, "extension_requested", people["town"], reason="还要", until=until)
        assert refused.value.faults[0].kind == "step_only_once"

    def test_a_case_that_has_moved_on_says_so(self, people: People):
        case = report(people["patroller"])
        step(case, "registered", people["office"])
        late = NewStep(uuid4(), "rejected", 1, reason="不是问题")
        with pytest.raises(Conflict) as refused:
            take_step(case, late, people["office"], NOW)
        assert "已立案" in refused.value.text("zh")

    def test_the_same_step_sent_twice_is_one_step(self, people: People):
        case = report(people["patroller"])
        once = NewStep(uuid4(), "registered", 1)
        take_step(case, once, people["office"], NOW)
        case = take_step(case, once, people["office"], NOW)
        assert case.transitions.count() == 2

    def test_a_short_cut_on_the_spot_still_needs_a_photo_and_a_verifier(self, people: People):
        case = step(report(people["patroller"]), "registered", people["office"])
        case = step(
            case, "resolved_on_spot", people["patroller"], reason="已捡走", attachments=[photo(people["patroller"])]
        )
        assert case in inbox(people["verifier"])
        assert case not in inbox(people["office"])

    def test_merging_names_another_case(self, people: People):
        first, second = report(people["patroller"]), report(people["patroller"])
        case = step(second, "merged", people["office"], target=first, reason="同一问题")
        assert case.merged_into == first
        third = report(people["patroller"])
        with pytest.raises(BadInput):
            step(third, "merged", people["office"], target=third, reason="自己")


class TestRegistration:
    def test_title_and_severity_can_be_put_right_and_the_history_says_so(self, people: People):
        case = step(report(people["patroller"]), "registered", people["office"], title="左岸堆土", severity="major")
        assert (case.title, case.severity) == ("左岸堆土", "major")
        assert case.transitions.last().details == {"title": "左岸堆土", "severity": "major"}

    def test_an_unknown_severity_names_those_that_are(self, people: People):
        with pytest.raises(BadInput) as refused:
            step(report(people["patroller"]), "registered", people["office"], severity="terrible")
        assert "minor" in refused.value.text("en")


class TestVerificationOnTheSpot:
    def test_it_asks_for_a_photo_with_its_position_or_the_reason_for_none(self, people: People):
        case = to_rectified(people)
        with pytest.raises(BadInput) as refused:
            step(case, "verified", people["verifier"], reason="好", why_no_photo=" ")
        assert [fault.column for fault in refused.value.faults] == ["photo_spot"]

    @pytest.mark.parametrize(("metres", "is_taken"), [(400, True), (5000, False)])
    def test_a_photo_taken_five_kilometres_away_shows_another_place(
        self, people: People, metres: float, is_taken: bool
    ):
        case = to_rectified(people)
        lat = case.lat + metres / 111_195
        taken = keep_photo(uuid4(), picture(), people["verifier"], NOW, lon=case.lon, lat=lat).uuid
        more = {"reason": "好", "attachments": [taken], "why_no_photo": ""}
        if is_taken:
            assert step(case, "verified", people["verifier"], **more).state == "verified"
        else:
            with pytest.raises(BadInput):
                step(case, "verified", people["verifier"], **more)


class TestWhoSeesWhat:
    def test_a_township_sees_its_region_and_what_was_sent_to_it(self, people: People):
        case = report(people["patroller"], bank="right")
        assert not visible_to(people["town"]).filter(pk=case.pk).exists()
        assert visible_to(people["rural"]).filter(pk=case.pk).exists()
        case = step(case, "registered", people["office"])
        step(case, "dispatched", people["office"], unit=people["town"].unit, due_at=NOW)
        assert visible_to(people["town"]).filter(pk=case.pk).exists()

    def test_a_department_sees_only_its_own(self, people: People):
        report(people["patroller"])
        assert visible_to(people["ecology"]).count() == 0

    def test_an_account_without_unit_or_region_sees_nothing(self, people: People):
        report(people["patroller"])
        stranger = Account.objects.create(username="stranger", role="office")
        assert visible_to(stranger).count() == 0


class TestTheHistory:
    def test_an_entry_cannot_be_edited_or_deleted(self, people: People):
        entry = report(people["patroller"]).transitions.get()
        entry.reason = "别的"
        with pytest.raises(TypeError):
            entry.save()
        with pytest.raises(TypeError):
            entry.delete()

    def test_a_past_that_was_changed_in_the_database_shows(self, people: People):
        case = to_rectified(people)
        Transition.objects.filter(case=case, order=2).update(reason="后来改的")
        assert broken_entry(case) == 1

    def test_a_photo_that_was_exchanged_shows(self, people: People):
        case = to_rectified(people)
        Attachment.objects.filter(case=case).update(sha256="0" * 64)
        assert broken_entry(case) == 4


class TestPhotos:
    def test_a_photo_is_kept_by_what_is_in_it(self, people: People):
        kept = keep_photo(uuid4(), picture(), people["town"], NOW)
        assert kept.media_type == "image/jpeg"
        assert file_of(kept).read_bytes() == picture()

    @pytest.mark.parametrize(
        "content", [b"", b"<svg onload='alert(1)'/>", b"GIF89a", picture()[:200], b"\x89PNG\r\n\x1a\n"]
    )
    def test_what_is_no_photo_is_refused(self, people: People, content: bytes):
        with pytest.raises(BadInput):
            keep_photo(uuid4(), content, people["town"], NOW)

    def test_a_photo_too_large_is_refused_with_the_limit(self, people: People, settings):
        settings.UPLOAD_BYTES = 100
        with pytest.raises(BadInput) as refused:
            keep_photo(uuid4(), picture(), people["town"], NOW)
        assert refused.value.faults[0].kind == "out_of_range"

    def test_nobody_can_use_the_photo_of_another(self, people: People):
        case = step(to_dispatched(people), "rectifying", people["town"])
        with pytest.raises(BadInput) as refused:
            step(case, "rectified", people["town"], reason="好了", attachments=[photo(people["rural"], "photo_after")])
        assert refused.value.faults[0].kind == "unknown_attachment"

    def test_the_same_upload_twice_is_one(self, people: People):
        uuid = uuid4()
        first = keep_photo(uuid, picture(), people["town"], NOW)
        assert keep_photo(uuid, picture(), people["town"], NOW).pk == first.pk
        with pytest.raises(BadInput):
            keep_photo(uuid, picture("red"), people["town"], NOW)
