"""What the README and the pages of docs claim: commands, catalogue, links, configuration."""

import re
import subprocess

import yaml

from dashboard.pages import PAGES
from orchestration.cli import _parser
from orchestration.delivery.registers import MART as REGISTER
from orchestration.delivery.sections import SECTIONS
from orchestration.delivery.workbook import SHEETS
from orchestration.raw.declared import declared_tables
from orchestration.settings import DBT_DIR, PROJECT_DIR
from tools.write_catalogue import PAGE, catalogue

README = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
PUBLISHED = [
    p for p in (DBT_DIR / "models" / "marts").rglob("*.sql") if "restricted" not in p.parts
]


def test_the_catalogue_lists_exactly_the_marts() -> None:
    listed = set(re.findall(r"^\| `((?:rpt|fct|dim)_\w+)` \|", README, flags=re.MULTILINE))
    assert listed == {path.stem for path in PUBLISHED}


def test_columns_named_in_the_catalogue_exist() -> None:
    columns = {
        column["name"]
        for path in (DBT_DIR / "models" / "marts").rglob("_*__models.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        for column in model["columns"]
    }
    columns |= {name for table in declared_tables("files").values() for name in table.columns}
    named = set(re.findall(r"`(\w+_(?:count|share|minutes|kind|start|month|id|label))`", README))
    named |= {"client_count", "base_client_count", "client_share", "is_reconstructed", "as_of"}
    assert named <= columns, named - columns


def test_commands_and_make_targets_exist() -> None:
    commands = set(_parser()._subparsers._group_actions[0].choices)  # type: ignore
    used = set(re.findall(r"crm-marts ([a-z]+(?:-[a-z]+)*)", README)) - {"dbt"}
    assert used <= commands, used - commands
    targets = subprocess.run(
        ["make", "help"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    ).stdout
    for target in re.findall(r"make ([a-z0-9-]+)", README):
        assert re.search(rf"^{re.escape(target)}\s", targets, flags=re.MULTILINE), target


def test_links_lead_somewhere() -> None:
    for page in (PROJECT_DIR / "README.md", *(PROJECT_DIR / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert link.startswith("http") or (page.parent / link).exists(), f"{page}: {link}"


def test_the_catalogue_page_is_that_of_the_models() -> None:
    assert PAGE.read_text(encoding="utf-8") == catalogue(), "run make catalogue"


def test_every_sheet_section_and_page_is_an_exposure() -> None:
    path = DBT_DIR / "models" / "marts" / "_exposures.yml"
    exposures = yaml.safe_load(path.read_text(encoding="utf-8"))["exposures"]
    described = {
        exposure["depends_on"][0].removeprefix("ref('").removesuffix("')"): exposure["description"]
        for exposure in exposures
        if exposure["name"].startswith("pack_")
    }
    assert described.keys() == {*SHEETS, REGISTER}
    pages = {exposure["name"] for exposure in exposures if exposure["type"] == "dashboard"}
    assert pages == {f"dashboard_{page.__name__}" for page in PAGES}
    for section in SECTIONS:
        assert re.search(rf"\b{section.name}\b", described[section.mart]), section.name


def test_the_repository_tells_nothing_of_where_it_was_made() -> None:
    files = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    ).stdout.split()
    hosts = re.compile("files\\.python" + "hosted|py" + "pi\\.org|/ro" + "ot/|/wo" + "rk/")
    found = [
        name
        for name in files
        if (PROJECT_DIR / name).is_file()
        and hosts.search((PROJECT_DIR / name).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert not found
