"""What a database holds, to be compared with what it holds after a migration or a restore."""

from collections.abc import Mapping

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

# In columns that the first release of the schema had.
_LAST = (
    "SELECT id, rule_code, rule_version, site_id, device_id, camera_id, zone, scene_event_id, severity, condition,"
    " status, began, raised, changed, cleared, due, why, version FROM alert ORDER BY id DESC LIMIT 1"
)


def counts(dsn: str) -> dict[str, int]:
    """Rows of each table, those of its partitions with it; not the list of migrations."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace AND relname <> 'migration' ORDER BY 1"
        ).fetchall()
        return {str(name): _count(connection, str(name)) for (name,) in tables}


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*)::int FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])


def last_alert(dsn: str) -> Mapping[str, object]:
    """The alert that was raised last."""
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        row = connection.execute(_LAST).fetchone()
    assert row is not None
    return row
