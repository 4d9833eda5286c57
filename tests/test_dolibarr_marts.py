"""Months of Dolibarr's demo company closed, alone and together with the demo CRM."""

import shutil
from collections.abc import Iterator

import duckdb
import pytest
import yaml

from orchestration.demo import write_demo
from orchestration.settings import DBT_DIR
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


# Both CRMs at once: October 2026 with the same loads of the demo, with and without the shop.
LOADS = ("2026-10-02T00:10:00Z", "2026-11-02T00:10:00Z")
BOTH = f"""[sources.demo]
crm = "onec"
timezone = "Europe/Moscow"

{SHOP}[sources.plans]
crm = "files"

"""
SHOP_CLIENTS, SHOP_MANAGERS, SHOP_BASE, SHOP_WITHOUT_MANAGER, SHOP_OVERDUE = 15, 13, 11, 6, 3
# Not a manager's own: columns that tell of the whole company, and rows of the shop's class, which
# every manager has, with zeros.
COMPANY_COLUMNS = {
    "rpt_manager_load": "base_client_count, main_client_share, least_main_client_count, "
    "lower_quartile_main_client_count, median_main_client_count, "
    "upper_quartile_main_client_count, most_main_client_count",
}
LOAD_OF_DEMO = "(manager_id like 'demo:%' or manager_id = 'manager left')"
SHOP_CLASS = "PL_LOW"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The demo CRM alone."""
    sample_folder("dolibarr")
    installation = Installation(tmp_path_factory.mktemp("demo"))
    write_demo(installation.raw)
    for source in ("demo", "plans"):
        for load in (installation.raw / source).iterdir():
            if not load.name.startswith(("20261002", "20261102")):
                shutil.rmtree(load)
    installation.close("2026-10")
    return installation


@pytest.fixture(scope="module")
def both(
    demo: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Marts of both CRMs; those of the demo alone are attached as `alone`."""
    home = tmp_path_factory.mktemp("both")
    installation = Installation(home, {"CRM_MARTS_CONFIG": str(write_config(home, BOTH))})
    shutil.copytree(demo.raw, installation.raw)
    for extracted_at in LOADS:
        folder = deliver(installation.raw, DUMP, extracted_at)
    # One call was moved into the month, so that the shop has a figure there.
    events = folder / "llx_actioncomm.csv"
    text = events.read_text(encoding="utf-8")
    assert text.count("2018-07-01 10:00:00") == 1
    events.write_text(text.replace("2018-07-01 10:00:00", "2026-10-05 10:00:00"), encoding="utf-8")
    installation.close("2026-10")
    alone = demo.data / "published" / "current" / "crm_marts.duckdb"
    with installation.published() as db:
        db.execute(f"attach '{alone.resolve()}' as alone (read_only)")
        yield db


def test_ids_of_both_sources_stand_side_by_side(both: duckdb.DuckDBPyConnection) -> None:
    for mart, key, shop_count in (
        ("dim_clients", "client_id", SHOP_CLIENTS),
        ("dim_managers", "manager_id", SHOP_MANAGERS),
    ):
        [(demo_count,)] = rows(both, f"select count(*) from alone.marts.{mart}")
        assert demo_count > 0
        assert rows(
            both, f"select split_part({key}, ':', 1), count(*) from {mart} group by 1 order by 1"
        ) == [("demo", demo_count), ("shop", shop_count)]


def test_keys_are_unique_over_both(both: duckdb.DuckDBPyConnection) -> None:
    checked = 0
    for path in sorted((DBT_DIR / "models/marts").glob("*/_*__models.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            if path.parent.name == "restricted":
                continue
            [columns] = [
                test["unique_key"]["arguments"]["columns"]
                for test in model["data_tests"]
                if "unique_key" in test
            ]
            key = ", ".join(columns)
            assert (
                rows(both, f"select {key} from {model['name']} group by all having count(*) > 1")
                == []
            ), model["name"]
            checked += 1
    assert checked >= 10


def test_the_base_is_the_sum_of_both(both: duckdb.DuckDBPyConnection) -> None:
    # Nobody entered or left the shop in these periods, so it adds to opening and closing alone.
    both_rows, alone_rows = (
        rows(
            both,
            f"""select period_kind, period_start, opening_client_count - {shop_base},
                    closing_client_count - {shop_base}, growth_client_count, new_client_count,
                    migrated_client_count, restored_client_count, lost_client_count,
                    merged_client_count, is_reconstructed
                from {schema}.rpt_client_growth
                where characteristic = 'all' order by 1, 2""",
        )
        for schema, shop_base in (("marts", SHOP_BASE), ("alone.marts", 0))
    )
    assert len(alone_rows) >= 5
    assert both_rows == alone_rows
    assert rows(
        both,
        """select split_part(client_id, ':', 1), count(*) from rpt_no_contact_clients
           group by 1 order by 1""",
    ) == [
        *rows(both, "select 'demo', count(*) from alone.marts.rpt_no_contact_clients"),
        ("shop", SHOP_BASE),
    ]


@pytest.mark.parametrize(
    ("mart", "owned"),
    [
        ("rpt_interaction_kpis", "manager_id like 'demo:%'"),
        ("rpt_interaction_outcomes", "manager_id like 'demo:%'"),
        ("rpt_manager_load", f"{LOAD_OF_DEMO} and client_class <> '{SHOP_CLASS}'"),
        ("rpt_no_contact_clients", "client_id like 'demo:%'"),
        ("fct_interactions", "interaction_id like 'demo:%'"),
        ("dim_clients", "client_id like 'demo:%'"),
        ("dim_managers", "manager_id like 'demo:%'"),
        ("dim_periods", "true"),
    ],
)
def test_the_demo_is_as_it_is_alone(both: duckdb.DuckDBPyConnection, mart: str, owned: str) -> None:
    columns = f"* exclude ({COMPANY_COLUMNS[mart]})" if mart in COMPANY_COLUMNS else "*"
    alone = f"select {columns} from alone.marts.{mart} where {owned}"
    together = f"select {columns} from marts.{mart} where {owned}"
    assert rows(both, f"select count(*) > 0 from ({alone})") == [(True,)]
    assert (
        rows(both, f"({alone} except all {together}) union all ({together} except all {alone})")
        == []
    )


def test_managers_have_none_of_the_others_clients(both: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        both,
        f"""select sum(main_client_count + second_client_count), count(*) > 0
            from rpt_manager_load where {LOAD_OF_DEMO} and client_class = '{SHOP_CLASS}'""",
    ) == [(0, True)]
    assert (
        rows(
            both,
            """select client_id, owner_manager_id from rpt_no_contact_clients
           where split_part(client_id, ':', 1) <> split_part(owner_manager_id, ':', 1)""",
        )
        == []
    )


def test_totals_are_the_sums_of_both(both: duckdb.DuckDBPyConnection) -> None:
    def added(sql: str) -> list[Row]:
        """What the shop adds to a figure of the demo, by its key."""
        return rows(
            both,
            f"""select * from (
                    select key, coalesce(together.figure, 0) - coalesce(alone.figure, 0) as more
                    from ({sql.format(schema="marts")}) as together
                    full join ({sql.format(schema="alone.marts")}) as alone using (key)
                ) where more <> 0 order by key""",
        )

    assert added(
        """select interaction_kind || ' ' || attribution as key, interaction_count as figure
           from {schema}.rpt_interaction_kpis
           where period_kind = 'month' and manager_id = 'all' and interaction_group = 'all'"""
    ) == [
        (f"{kind} {attribution}", 1)
        for kind in ("all", "call")
        for attribution in ("owner at event", "owner at period end", "performer")
    ]
    assert added(
        """select row_kind as key, sum(main_client_count) as figure
           from {schema}.rpt_manager_load where client_class = 'all' group by 1"""
    ) == [("manager", SHOP_BASE - SHOP_WITHOUT_MANAGER), ("no manager", SHOP_WITHOUT_MANAGER)]
    assert added(
        """select 'overdue' as key, sum(overdue_count) as figure
           from {schema}.rpt_interaction_outcomes where period_kind = 'month'"""
    ) == [("overdue", SHOP_OVERDUE)]
    assert added(
        """select combination as key, client_count as figure
           from {schema}.rpt_segment_sizes where combination = 'all'"""
    ) == [("all", SHOP_BASE)]


def test_the_shop_has_its_figures_too(both: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        both,
        """select interaction_id, interaction_kind, client_id, performer_id, is_contact,
               attendee_count
           from fct_interactions where interaction_id like 'shop:%'""",
    ) == [("shop:237", "call", "shop:4", "shop:13", True, 3)]
    assert rows(
        both,
        """select client_id, contact_status, last_contact_manager_id from rpt_no_contact_clients
           where client_id like 'shop:%' and contact_status <> 'no contact'""",
    ) == [("shop:4", "contacted", "shop:13")]
