"""Which files of a load hold which tables: `<table>.csv`, parts, gzip, workbooks of sheets."""

import re
import unicodedata
from pathlib import Path

from orchestration.errors import CrmMartsError
from orchestration.raw.declared import RawTable
from orchestration.raw.files import SUFFIXES, suffix_of
from orchestration.raw.workbook import sheet_names

TAB_SEPARATED = (".tsv", ".tab", ".txt")
_PART = re.compile(r"(.+)\.([0-9]+)")


def plain_name(path: Path) -> str:
    """A file's name; macOS takes Cyrillic letters apart."""
    return unicodedata.normalize("NFC", path.name)


def table_files(folder: Path, tables: dict[str, RawTable]) -> dict[str, list[Path]]:
    """The files of each delivered table, parts in the order of their numbers.

    Raises CrmMartsError when a file belongs to no table, or a table to several that are no parts.
    """
    found: dict[str, list[tuple[int, Path]]] = {}
    for path in sorted(folder.iterdir()):
        if not path.name.startswith((".", "_")):
            for name, part in _tables_of(path, tables):
                found.setdefault(name, []).append((part, path))
    for name, parts in found.items():
        _refuse_no_parts(name, sorted(parts))
    return {name: [path for _, path in sorted(parts)] for name, parts in found.items()}


def _tables_of(path: Path, tables: dict[str, RawTable]) -> list[tuple[str, int]]:
    """Tables in a file, each with the number of the part; -1 when it is the whole table."""
    suffix = suffix_of(path)
    stem = plain_name(path).removesuffix(suffix)
    if suffix and path.is_file():
        part = _PART.fullmatch(stem)
        if stem in tables:
            return [(stem, -1)]
        if part and part[1] in tables:
            return [(part[1], int(part[2]))]
        if suffix == ".xlsx":
            return [(name, -1) for name in _sheets(path, tables)]
    if path.suffix.lower() in TAB_SEPARATED:
        remedy = (
            f"Name it {plain_name(path).removesuffix(path.suffix)}.csv, and say how its cells are "
            'parted in crm_marts.toml, such as delimiter = "\\t". '
        )
    else:
        remedy = ""
    raise CrmMartsError(
        "no declared table has this file",
        place=str(path),
        remedy=f"{remedy}Files are named <table>{'|'.join(SUFFIXES)}, parts of a table "
        f"<table>.1.csv and so on; declared tables are {', '.join(tables)}. What else stands in a "
        "load has a name that begins with an underscore.",
    )


def _sheets(path: Path, tables: dict[str, RawTable]) -> list[str]:
    named = [unicodedata.normalize("NFC", name) for name in sheet_names(path)]
    sheets = [name for name in named if not name.startswith("_")]
    unknown = [name for name in sheets if name not in tables]
    if unknown or not sheets:
        raise CrmMartsError(
            f"no declared table is named like sheet {', '.join(unknown)}"
            if unknown
            else "no sheet is named like a declared table",
            place=str(path),
            remedy=f"Name the workbook or its sheets like the tables: {', '.join(tables)}. A sheet "
            "whose name begins with an underscore is left out.",
        )
    return sheets


def _refuse_no_parts(name: str, parts: list[tuple[int, Path]]) -> None:
    (number, path), *others = parts
    for other_number, other in others:
        if number in (-1, other_number):
            problem = f"table {name} is delivered twice, also as {path.name}"
            remedy = "Keep one of the two files."
        elif suffix_of(path) != suffix_of(other):
            problem = f"the parts of table {name} differ in format, see {path.name}"
            remedy = "Export all parts in one format."
        else:
            number, path = other_number, other
            continue
        raise CrmMartsError(problem, place=str(other), remedy=remedy)
