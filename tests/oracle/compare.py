"""Compares marts with the oracle's, cell by cell and free of order."""

from dataclasses import dataclass

from tests.oracle.contract import Crm
from tests.oracle.pack import Built
from tests.oracle.segments import named_by_content
from tests.oracle.world import Cells


@dataclass(frozen=True)
class Difference:
    mart: str
    key: tuple[object, ...]
    column: str
    built: object
    expected: object

    def __str__(self) -> str:
        return (
            f"{self.mart} {self.key} {self.column}: built {self.built!r}, oracle {self.expected!r}"
        )

    @property
    def company(self) -> str | None:
        """Prefix of the company concerned, None for a figure of the whole pack."""
        cells = [str(cell) for cell in self.key]
        prefixes = {cell[:3] for cell in cells if cell[:1] == "c" and cell[3:4] == ":"}
        return min(prefixes) if prefixes else None


def differences(built: Built, expected: list[Cells]) -> list[Difference]:
    """All cells in which a mart and the oracle differ; a row that only one has is one of them."""
    rows = named_by_content(built.rows) if "cell_id" in built.key else built.rows
    left = {tuple(row[name] for name in built.key): row for row in rows}
    right = {tuple(row[name] for name in built.key): row for row in expected}
    found = []
    if len(right) != len(expected):
        raise ValueError(f"the oracle has two rows of one key in {built.name}")
    if len(left) != len(built.rows):
        found.append(Difference(built.name, (), "row count", len(built.rows), len(left)))
    for key in sorted(left.keys() | right.keys(), key=str):
        if key not in left or key not in right:
            side = ("no row", "row") if key not in left else ("row", "no row")
            found.append(Difference(built.name, key, "row", *side))
            continue
        for name in sorted(left[key].keys() | right[key].keys()):
            one, other = left[key].get(name, "no column"), right[key].get(name, "no column")
            if one != other or type(one) is not type(other):
                found.append(Difference(built.name, key, name, one, other))
    return found


def compact(crm: Crm, prefix: str) -> str:
    """The rows of one company, empty and false cells left out."""
    lines = []
    for table, rows in crm.tables():
        for row in rows:
            cells = {
                name: str(value) for name, value in vars(row).items() if value not in (None, False)
            }
            if any(value.startswith(f"{prefix}:") for value in cells.values()):
                lines.append(f"{table}: " + " ".join(f"{k}={v}" for k, v in cells.items()))
    return "\n".join(lines)
