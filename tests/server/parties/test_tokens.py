"""A token opens the door for as long as it was made for, and not a moment longer."""

from datetime import timedelta

from riverchief_server.parties.models import AccessToken, Account
from riverchief_server.parties.tokens import find_named, find_token, make_token
from tests.server.conftest import NOW

People = dict[str, Account]


def test_a_token_ends_with_its_last_moment(people: People):
    token = make_token(people["engineer"], "logger", NOW, days=1)
    end = NOW + timedelta(days=1)
    before = end - timedelta(seconds=1)
    assert find_token(token, before) is not None and find_named("logger", before) is not None
    assert find_token(token, end) is None and find_named("logger", end) is None


def test_a_token_without_an_end_has_none(people: People):
    assert find_token(make_token(people["engineer"], "logger", NOW), NOW + timedelta(days=36_500)) is not None


def test_a_closed_account_has_no_token(people: People):
    token = make_token(people["engineer"], "logger", NOW)
    Account.objects.filter(username="engineer").update(is_active=False)
    assert find_token(token, NOW) is None and find_named("logger", NOW) is None


def test_what_is_kept_does_not_tell_the_token(people: People):
    token = make_token(people["engineer"], "logger", NOW)
    (kept,) = AccessToken.objects.values_list("sha256", flat=True)
    assert kept not in token and token not in kept
