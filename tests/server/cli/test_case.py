"""``riverchief case verify``: every way a past can be touched shows, with the number of the case."""

import pytest

from riverchief_server.cases.models import Attachment, Case, Transition
from riverchief_server.cases.uploads import file_of
from riverchief_server.cli import main
from riverchief_server.parties.models import Account
from tests.server.cases.test_loop import report, to_rectified

People = dict[str, Account]


def verify(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    code = main(["case", "verify", *more])
    return code, capsys.readouterr().out


def test_a_county_whose_past_is_whole(people: People, capsys):
    to_rectified(people)
    report(people["patroller"])
    assert verify(capsys, "--photos") == (0, "2 cases, every history is whole\n")


def test_a_reason_written_anew_is_named_with_its_case(people: People, capsys):
    report(people["patroller"])
    case = to_rectified(people)
    Transition.objects.filter(case=case, order=3).update(reason="后来改的")
    code, said = verify(capsys)
    assert code == 1
    assert said.splitlines() == [
        f"{case.number}: entry 3 does not follow from the one before",
        "2 cases, 1 touched",
    ]


def test_entries_that_were_cut_off_at_the_end_show(people: People, capsys):
    case = to_rectified(people)
    Attachment.objects.filter(case=case).update(transition=None)
    Transition.objects.filter(case=case, order=5)._raw_delete(using="default")
    code, said = verify(capsys)
    assert code == 1 and f"{case.number}: entries after number 4 are missing" in said


def test_a_state_that_no_step_led_to_shows(people: People, capsys):
    case = to_rectified(people)
    Case.objects.filter(pk=case.pk).update(state="closed")
    code, said = verify(capsys)
    assert code == 1 and f"{case.number}: the case stands where no step" in said


def test_the_bytes_of_a_photo_are_read_where_asked(people: People, capsys):
    case = to_rectified(people)
    path = file_of(Attachment.objects.get(case=case))
    kept = path.read_bytes()
    path.write_bytes(kept + b"x")
    try:
        assert verify(capsys)[0] == 0
        code, said = verify(capsys, "--photos")
    finally:
        path.write_bytes(kept)
    assert code == 1 and "a photo of entry 5 was exchanged" in said
