"""The demo CRM and Dolibarr's demo company closed together: each is as it is alone.

Two sources in one base are for every CI (test_several_sources.py); this looks at every mart of two
whole companies.
"""

import shutil
from collections.abc import Iterator

import duckdb
import pytest
import yaml

from orchestration.demo import write_demo
from orchestration.settings import DBT_DIR
from tests.conftest import Installation
from tests.dolibarr_samples import SHOP, deliver
from tests.samples import Row, sample_folder, write_config
from tests.test_dolibarr_marts import DUMP, rows

pytestmark = [pytest.mark.slow, pytest.mark.deep]
# October 2026 with the same loads of the demo, with and without the shop.
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
