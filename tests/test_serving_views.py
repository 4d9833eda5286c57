"""The views of the serving file, over marts of a few rows."""

from pathlib import Path

import duckdb
import pytest

from orchestration.close.release import serving_database
from orchestration.close.views import create_views

MARTS = """
create schema marts;
create table marts.rpt_interaction_register as
    select 'month' as period_kind, date '2024-03-01' as period_start, interaction_id, client_id
    from (values ('same', 'Vega'), ('edited', 'Rook'), ('deleted', 'Rook'), ('gone', null))
        as register (interaction_id, client_id);
create table marts.dim_periods as
    select 'month' as period_kind, date '2024-03-01' as period_start,
        timestamp '2024-04-02 03:00:00' as as_of
    union all select 'week', date '2024-03-01', timestamp '2024-04-02 03:00:00';
create table marts.dim_interactions as
    from (values
        ('same', 'Anna', timestamp '2024-04-02 03:00:00', false),
        ('edited', 'Boris', timestamp '2024-04-02 03:00:01', false),
        ('deleted', null, timestamp '2024-05-02 00:10:00', true)
    ) as present (interaction_id, responsible_now_id, last_changed_at, is_deleted);
create table marts.dim_clients as
    from (values ('Vega', 'Vega', 'Anna'), ('Rook', 'Orion', 'Boris'), ('Orion', 'Orion', 'Clara'))
        as clients (client_id, surviving_client_id, owner_now_id);
"""
COLUMNS = dict.fromkeys(["period_kind", "period_start", "interaction_id", "client_id"], "A column.")


@pytest.fixture
def serving(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """The serving file as a reader opens it, under another name than at publication."""
    with serving_database(tmp_path / "crm_marts.duckdb") as db:
        db.execute(MARTS)
        create_views(db, COLUMNS)
        create_views(db, COLUMNS)  # each publication makes them anew
    return duckdb.connect(str(tmp_path / "crm_marts.duckdb"), read_only=True)


def test_the_register_shows_owner_now_and_edits_after_the_close(
    serving: duckdb.DuckDBPyConnection,
) -> None:
    rows = serving.execute(
        """select interaction_id, owner_now_id, responsible_now_id, is_edited_after_close,
               is_deleted_now
           from serving.interaction_register order by interaction_id"""
    ).fetchall()
    assert rows == [
        ("deleted", "Clara", None, True, True),
        ("edited", "Clara", "Boris", True, False),
        ("gone", None, None, False, True),
        ("same", "Anna", "Anna", False, False),
    ]


def test_views_and_their_columns_are_described(serving: duckdb.DuckDBPyConnection) -> None:
    bare = serving.execute(
        """select table_name, column_name from duckdb_columns()
           where schema_name = 'serving' and coalesce(comment, '') = ''
           union all
           select view_name, '' from duckdb_views()
           where schema_name = 'serving' and coalesce(comment, '') = ''"""
    ).fetchall()
    assert bare == []
