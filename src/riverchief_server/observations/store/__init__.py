"""The store of readings: one narrow table keyed (series, time), the same on SQLite and PostgreSQL.

The row in force is in ``reading``; one that is changed moves to ``reading_version`` first, so nothing is lost and
"as of" can be asked. Each flag says which check or person set it. Rows are for judgements and people, columns (numpy
arrays) for everything that is many.
"""

from riverchief_server.observations.store.reading import (
    between,
    between_many,
    count,
    count_each,
    latest,
    latest_columns,
    read,
    read_many,
    span,
    versions,
)
from riverchief_server.observations.store.rows import (
    EVER,
    OPERATORS,
    Columns,
    PutReport,
    StoredReading,
    columns,
    flag_codes,
    flag_numbers,
    from_ms,
    joined,
    months_of,
    to_ms,
    to_rows,
)
from riverchief_server.observations.store.touched import Touched, settle, touch, touched
from riverchief_server.observations.store.writing import forget, put, put_columns, reflag, source_names, source_numbers

__all__ = [
    "EVER",
    "OPERATORS",
    "Columns",
    "PutReport",
    "StoredReading",
    "Touched",
    "between",
    "between_many",
    "columns",
    "count",
    "count_each",
    "flag_codes",
    "flag_numbers",
    "forget",
    "from_ms",
    "joined",
    "latest",
    "latest_columns",
    "months_of",
    "put",
    "put_columns",
    "read",
    "read_many",
    "reflag",
    "settle",
    "source_names",
    "source_numbers",
    "span",
    "to_ms",
    "to_rows",
    "touch",
    "touched",
    "versions",
]
