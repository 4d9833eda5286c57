"""Publication: editions, and the preview of the open month, put into the serving files."""

from pathlib import Path

import duckdb

from orchestration.close.columns import FORMER, declared_rows, describe_columns, fit_columns
from orchestration.close.edition import (
    Edition,
    edition_dir,
    editions,
    verify_edition,
    verify_footers,
)
from orchestration.close.history import write_history, write_restatements
from orchestration.close.marts import Mart, mart_rows
from orchestration.close.period import Month, RunPeriod
from orchestration.close.release import (
    RESTRICTED,
    SERVING,
    current_release,
    new_release,
    published_editions,
    serving_database,
)
from orchestration.close.views import create_views
from orchestration.errors import CrmMartsError
from orchestration.raw.kept import literal
from orchestration.settings import Settings

# The open month, as far as it is known.
OPEN = "marts_open"
PROVISIONAL = "Provisional, of a month that is not closed. "


def publish(settings: Settings, marts: list[Mart]) -> Path:
    """Make the latest edition of every month visible to readers; returns the new release.

    The last serving file is copied and only the months whose edition it does not show are replaced
    in it, from the editions' own Parquet, which is verified first; where there is no serving file
    these are all months. Relations without months (dim_clients and the like) are taken from the
    newest published month; of carried ones (dim_interactions) the rows that no later month told of
    are replaced. A damaged edition of any month stops the publication.
    """
    published = published_editions(current_release(settings))
    every = editions(settings)
    latest = {edition.month: edition for edition in every}  # by number, ascending
    added = [
        edition
        for edition in latest.values()
        if published.get(edition.month) != (edition.number, edition.as_of)
    ]
    for edition in every:
        folder = edition_dir(settings, edition)
        # What readers have already was verified when it came; it can have been damaged since.
        (verify_edition if edition in added else verify_footers)(folder, edition)
    newest = max(latest)
    with new_release(settings, marts) as release:
        for file, restricted in ((SERVING, False), (RESTRICTED, True)):
            own = [mart for mart in marts if mart.is_restricted == restricted]
            with serving_database(release / file) as db:
                for mart in own:
                    _declare(db, mart, shown_until=max(published, default=None))
                for edition in added:
                    for mart in own:
                        if mart.is_monthly or mart.is_carried or edition.month == newest:
                            _replace(db, settings, edition, mart)
                    if not restricted:
                        _note_edition(db, edition)
                if not restricted:
                    _drop_closed_preview(db, newest)
                    create_views(db, _register_columns(marts))
                    write_restatements(db, settings)
                    write_history(db, settings, marts)
    return release


def publish_preview(
    settings: Settings, marts: list[Mart], period: RunPeriod, building: Path
) -> Path:
    """Show an open month's built rows in the schema marts_open, marked provisional.

    The schema `marts` stays as it is; closing the month takes the preview away. Raises
    CrmMartsError before the first publication.
    """
    if current_release(settings) is None:
        raise CrmMartsError("nothing is published yet", remedy="Close a month first.")
    with new_release(settings, marts) as release, serving_database(release / SERVING) as db:
        db.execute(f"attach {literal(building)} as building (read_only)")
        db.execute(f"drop schema if exists {OPEN} cascade; create schema {OPEN}")
        for mart in marts:
            if mart.is_monthly:
                table = f"{OPEN}.{mart.name}"
                rows = mart_rows(mart, period.month, database="building.")
                db.execute(f"create table {table} as {rows}")
                db.execute(f"comment on table {table} is {literal(PROVISIONAL + mart.description)}")
                for name, text in mart.columns.items():
                    db.execute(f'comment on column {table}."{name}" is {literal(text)}')
        db.execute(
            f"""create table {OPEN}.preview as
                select {literal(str(period.month))} as month,
                    timestamp '{period.as_of.replace(tzinfo=None)}' as as_of,
                    true as is_provisional"""
        )
        db.execute(f"comment on table {OPEN}.preview is {literal(PROVISIONAL + 'What it shows.')}")
        db.execute("detach building")
    return release


def _drop_closed_preview(db: duckdb.DuckDBPyConnection, newest: str) -> None:
    previewed = db.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = 'preview'", [OPEN]
    ).fetchall()
    if previewed:
        [(month,)] = db.execute(f"select month from {OPEN}.preview").fetchall()
        if month <= newest:
            db.execute(f"drop schema {OPEN} cascade")


def _replace(
    db: duckdb.DuckDBPyConnection, settings: Settings, edition: Edition, mart: Mart
) -> None:
    """Put the edition's rows of one mart in the place of the month's old ones.

    A mart that the version of the models which made the edition did not have yet has no rows in it.
    """
    file = edition_dir(settings, edition) / f"{mart.name}.parquet"
    target = f'"{mart.schema}"."{mart.name}"'
    rows = f"(from read_parquet({literal(file)}))"
    db.execute("begin")
    if mart.is_monthly:
        month = Month.parse(edition.month).first_day
        db.execute(f"delete from {target} where close_month = date '{month}'")
    elif mart.is_carried:
        rows = _delete_told_earlier(db, edition, mart, rows)
    else:
        db.execute(f"drop table {target}")
        _declare(db, mart)
    if mart.name in edition.marts:
        fit_columns(db, target, rows)
        db.execute(f"insert into {target} by name from {rows}")
    db.execute(f"comment on table {target} is {literal(mart.description)}")
    for name in describe_columns(db, target):
        description = mart.columns.get(name, FORMER)
        db.execute(f'comment on column {target}."{name}" is {literal(description)}')
    db.execute("commit")


def _delete_told_earlier(
    db: duckdb.DuckDBPyConnection, edition: Edition, mart: Mart, rows: str
) -> str:
    """Delete what the edition tells of anew; its rows without those that a later month told of.

    An edition made before rows were carried holds all of them, without a month.
    """
    if mart.name not in edition.marts:
        return rows
    target, key = f'"{mart.schema}"."{mart.name}"', ", ".join(mart.key)
    month = Month.parse(edition.month).first_day
    if "close_month" not in describe_columns(db, rows):
        rows = f"(select *, date '{month}' as close_month from {rows})"
    db.execute(
        f"""delete from {target}
            where close_month <= date '{month}'
                and ({key}) in (select ({key}) from {rows})"""
    )
    return f"(from {rows} where ({key}) not in (select ({key}) from {target}))"


def _declare(db: duckdb.DuckDBPyConnection, mart: Mart, shown_until: str | None = None) -> None:
    """Make a mart's table, or give it the columns that the present models declare.

    Rows of a carried mart that an earlier version published are those of the newest month shown.
    """
    target = f'"{mart.schema}"."{mart.name}"'
    db.execute(f'create schema if not exists "{mart.schema}"')
    db.execute(f"create table if not exists {target} as from {declared_rows(mart)}")
    fit_columns(db, target, declared_rows(mart), adopt=True)
    if mart.is_carried and shown_until:
        month = Month.parse(shown_until).first_day
        db.execute(f"update {target} set close_month = date '{month}' where close_month is null")


def _register_columns(marts: list[Mart]) -> dict[str, str]:
    return next(mart.columns for mart in marts if mart.name == "rpt_interaction_register")


def _note_edition(db: duckdb.DuckDBPyConnection, edition: Edition) -> None:
    db.execute(
        """create table if not exists marts.editions (
               month varchar primary key, edition integer, as_of timestamp,
               is_reconstructed boolean, code_version varchar)"""
    )
    comments = {
        "month": "Closed month, such as 2026-10.",
        "edition": "Number of the edition that stands in marts, counted from 1.",
        "as_of": "Moment of knowledge of the edition, UTC.",
        "is_reconstructed": "The month ended before the first load.",
        "code_version": "Version of the models that made the edition.",
    }
    db.execute("comment on table marts.editions is 'The edition of each month that marts show.'")
    for name, comment in comments.items():
        db.execute(f"comment on column marts.editions.{name} is {literal(comment)}")
    db.execute(
        "insert or replace into marts.editions values (?, ?, ?, ?, ?)",
        [
            edition.month,
            edition.number,
            edition.as_of.replace(tzinfo=None),
            edition.is_reconstructed,
            edition.code_version,
        ],
    )
