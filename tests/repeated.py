"""Which tests of the server are run again on PostgreSQL: all that another database could change."""

from functools import cache
from pathlib import Path

import pytest

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_serialized_rollback"}
KINDS = {"sqlite", "postgresql"}
WAYS_TO_IT = ("RIVERCHIEF_DATABASE_URL", "django_db_blocker")


def touches_the_database(item: pytest.Item) -> bool:
    """Whether ``item`` uses the database of the settings.

    Django refuses its database to every test that does not ask for it, by a fixture or by lifting the refusal, and a
    process that a test starts meets the database of the settings only where the test's file names the setting. One that
    runs on each kind of database by a parameter, or is marked ``own_database``, would only say the same again.
    """
    if item.get_closest_marker("own_database"):
        return False
    if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    call = getattr(item, "callspec", None)
    if call is not None and KINDS & {value for value in call.params.values() if isinstance(value, str)}:
        return False
    return _names_a_way_to_it(item.path)


@cache
def _names_a_way_to_it(path: Path) -> bool:
    source = path.read_text(encoding="utf-8")
    return any(way in source for way in WAYS_TO_IT)
