"""Months of Dolibarr's demo company closed."""

from collections.abc import Iterator

import duckdb
import pytest

from tests.conftest import Installation
from tests.dolibarr_samples import SHOP, answers, deliver
from tests.samples import SAMPLES, Question, Row, sample_folder, write_config

pytestmark = pytest.mark.slow
DUMP = "csv_v9.0.0"
MONTHS = ("2012-07", "2016-03", "2018-06")

# What the marts of these months answer, by question of truth.json.
KINDS = "(values ('AC_RDV', 'meeting'), ('AC_TEL', 'call')) as kinds(raw_type, interaction_kind)"
NOT_CLOSED = (
    ("2013-07", "AC_TEL", 1),
    ("2015-02", "AC_RDV", 1),
    ("2017-01", "AC_TEL", 1),
    ("2018-07", "AC_RDV", 1),
    ("2018-07", "AC_TEL", 1),
    ("2018-08", "AC_RDV", 1),
)
QUESTIONS = [
    (
        "clients_per_manager",
        Question(
            """select coalesce(manager_name, manager_id), main_client_count + second_client_count
               from rpt_manager_load
               left join dim_managers using (manager_id)
               where close_month = '2018-06-01' and client_class = 'all'
                   and main_client_count + second_client_count > 0""",
            difference="Managers go by name, not login; clients without one stand in a row of "
            "their own. As at June's end, with the pairs of the only load. The base takes in "
            "prospects (client = 2) as well; at version 9 no third party is a mere prospect.",
            takes_out=(
                ("(none)", 6),
                ("admin", 1),
                ("aeinstein", 1),
                ("ccommerson", 1),
                ("demo", 2),
                ("pcurie", 1),
            ),
            puts_in=(
                ("no manager", 6),
                ("Alice Adminson", 1),
                ("Albert Einstein", 1),
                ("Commerson Charle1", 1),
                ("David Doe", 2),
                ("Pierre Curie", 1),
            ),
        ),
    ),
    (
        "by_month",
        Question(
            f"""select strftime(period_start, '%Y-%m'), raw_type, interaction_count
                from rpt_interaction_kpis
                inner join {KINDS} using (interaction_kind)
                where period_kind = 'month' and attribution = 'performer'
                    and manager_id = 'all' and interaction_group = 'all'""",
            difference="Only completed ones count: the meetings of July 2012 and the call of March "
            "2016 are still open. Months that are not closed have no rows.",
            takes_out=(*NOT_CLOSED, ("2012-07", "AC_RDV", 2), ("2016-03", "AC_TEL", 1)),
        ),
    ),
    (
        "by_month",
        Question(
            f"""select strftime(close_month, '%Y-%m'), raw_type, sum(interaction_count)
                from (
                    select close_month, interaction_kind, 1 as interaction_count
                    from fct_interactions
                    union all
                    select close_month, interaction_kind, overdue_inflow_count
                    from rpt_interaction_outcomes
                    where period_kind = 'month' and overdue_inflow_count > 0
                ) as interactions
                inner join {KINDS} using (interaction_kind)
                group by all""",
            difference="An open one belongs to the month of its deadline (planned end, else "
            "start), here the month of datep. Months that are not closed have no rows.",
            takes_out=NOT_CLOSED,
        ),
    ),
    (
        "overdue",
        Question(
            f"""select raw_type, sum(overdue_count)
                from rpt_interaction_outcomes
                inner join {KINDS} using (interaction_kind)
                where period_kind = 'month' and close_month = '2018-06-01'
                group by 1""",
            difference="At June's end, by the deadline (planned end, else start) and not on 15 "
            "July by the start; no open one lies between.",
        ),
    ),
]
# What the marts do not answer; the canonical tables do, in test_dolibarr.py.
NOT_IN_MARTS = {
    "meetings_calls": "counts over all time; a mart has the months that were closed",
    "percent": "states over all time; rpt_interaction_outcomes has those of closed months",
    "orphan_clients": "marts keep no references that find nothing; their events count, see below",
    "contacts_per_position": "no report is about contact persons",
    "contacts_without_client": "no report is about contact persons",
    "participants": "both events are later than the last month that the dump can close",
}


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def dump(table: str) -> str:
    """A table of the dump, to be read in SQL as it is."""
    return f"read_csv('{SAMPLES / 'dolibarr' / DUMP / table}.csv', all_varchar = true)"


EVENTS = f"""(
    select 'shop:' || events.id as interaction_id, strftime(datep::timestamp, '%Y-%m') as month,
        percent, types.code, fk_soc is not null and fk_soc not in (
            select rowid from {dump("llx_societe")}) as is_orphan
    from {dump("llx_actioncomm")} as events
    inner join {dump("llx_c_actioncomm")} as types on types.id = events.fk_action
    where strftime(datep::timestamp, '%Y-%m') in {MONTHS}
)"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The dump as the only load, three months closed; the middle one last."""
    sample_folder("dolibarr")
    home = tmp_path_factory.mktemp("shop")
    config = write_config(home, SHOP, business_timezone="UTC", first_month=MONTHS[0])
    installation = Installation(home, {"CRM_MARTS_CONFIG": str(config)})
    # The moment of truth.json.
    deliver(installation.raw, DUMP, "2018-07-15T00:00:00Z")
    for month in (MONTHS[0], MONTHS[2], MONTHS[1]):
        installation.close(month)
    return installation


@pytest.fixture(scope="module")
def db(shop: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with shop.published() as connection:
        yield connection


def test_every_question_is_answered_or_said_why_not() -> None:
    assert {name for name, _ in QUESTIONS} | set(NOT_IN_MARTS) == set(answers())
    assert not {name for name, _ in QUESTIONS} & set(NOT_IN_MARTS)


@pytest.mark.parametrize(("name", "question"), QUESTIONS, ids=[name for name, _ in QUESTIONS])
def test_marts_answer_the_truth(
    db: duckdb.DuckDBPyConnection, name: str, question: Question
) -> None:
    assert sorted(rows(db, question.sql)) == question.expected(answers()[name])


def test_months_before_the_load_are_reconstructed(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select period_label, is_reconstructed, as_of::varchar
           from dim_periods where period_kind = 'month' order by 1""",
    ) == [(month, True, "2018-07-15 00:00:00") for month in MONTHS]
    assert rows(db, "select distinct is_reconstructed from dim_periods") == [(True,)]


def test_the_base_is_the_clients_entered_until_then(db: duckdb.DuckDBPyConnection) -> None:
    expected = [
        rows(
            db,
            f"""select '{month}',
                    count(*) filter (datec::timestamp < date '{month}-01'), count(*)
                from {dump("llx_societe")}
                where client in ('1', '2', '3')
                    and datec::timestamp < date '{month}-01' + interval 1 month""",
        )[0]
        for month in MONTHS
    ]
    assert [closing for _, _, closing in expected] == [9, 10, 11]
    assert (
        rows(
            db,
            """select strftime(close_month, '%Y-%m'), opening_client_count, closing_client_count
               from rpt_client_growth
               where period_kind = 'month' and characteristic = 'all' order by 1""",
        )
        == expected
    )


def test_rows_of_the_log_never_count(db: duckdb.DuckDBPyConnection) -> None:
    logged = f"select interaction_id from {EVENTS} where code = 'AC_OTH_AUTO'"
    assert len(rows(db, logged)) == 9
    assert rows(db, f"select * from fct_interactions where interaction_id in ({logged})") == []
    # Nor anywhere else: what is done in these months is what a person did, no more and no less.
    done = f"select interaction_id from {EVENTS} where code <> 'AC_OTH_AUTO' and percent <> '0'"
    assert rows(db, "select interaction_id from fct_interactions order by 1") == rows(
        db, f"{done} order by 1"
    )
    assert rows(
        db,
        """select strftime(period_start, '%Y-%m'), interaction_count from rpt_interaction_kpis
           where period_kind in ('month', 'quarter') and attribution = 'performer'
               and manager_id = 'all' and interaction_kind = 'all'
           order by 1""",
    ) == [("2012-07", 20), ("2016-01", 2), ("2016-03", 2), ("2018-04", 0), ("2018-06", 0)]


def test_events_of_unknown_clients_live_on(db: duckdb.DuckDBPyConnection) -> None:
    orphans = f"select interaction_id from {EVENTS} where is_orphan and code <> 'AC_OTH_AUTO'"
    assert rows(
        db,
        f"""select strftime(close_month, '%Y-%m'), client_id, count(*) from fct_interactions
            where interaction_id in ({orphans}) group by all""",
    ) == [("2012-07", None, 5)]
    # All other 15 of that month have a client that is known: 11 of them in all.
    assert rows(
        db,
        """select client_count from rpt_interaction_kpis
           where period_kind = 'month' and close_month = '2012-07-01'
               and attribution = 'performer' and manager_id = 'all' and interaction_kind = 'all'""",
    ) == [(11,)]
