"""Segments of the client base: finest cells and sizes by up to three characteristics."""

from collections import Counter, defaultdict
from itertools import combinations, product

from tests.oracle.base import ATTRIBUTES, Base
from tests.oracle.world import Cells, World, ratio

ValueSets = dict[str, dict[str, frozenset[str]]]


def value_sets(world: World, base: Base, at_end: bool) -> ValueSets:
    """Values of each client of the base just before the month's end or start."""
    before = world.this_month.end if at_end else world.this_month.start
    recorded: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in world.crm.client_characteristics:
        begun = row.valid_from is None or row.valid_from < before
        if not row.is_deleted and begun and (row.valid_to is None or row.valid_to >= before):
            recorded[row.client_id, row.characteristic].add(row.value)
    found: ValueSets = {}
    for client in base.members(before):
        found[client] = {}
        for name in world.rules.segment_characteristics:
            values = recorded[client, name]
            if name in ATTRIBUTES:
                values = {base.attribute(client, name, before) or "unknown"}
            elif name == "main_manager":
                values = {base.owner_before(client, before) or "no manager"}
            found[client][name] = frozenset(values or {"unknown"})
    return found


def fct_segment_cells(world: World, base: Base) -> list[Cells]:
    """Cells named by their content; the comparison names the mart's cells likewise."""
    ends = Counter(_cell(v) for v in value_sets(world, base, at_end=True).values())
    starts = Counter(_cell(v) for v in value_sets(world, base, at_end=False).values())
    return [
        {
            **world.key(world.this_month),
            "cell_id": str(sorted(cell)),
            "characteristic": name,
            "value": value,
            "client_count": ends[cell],
            "previous_client_count": starts[cell],
            "change_client_count": ends[cell] - starts[cell],
        }
        for cell in ends | starts
        for name, value in cell
    ]


def named_by_content(rows: list[Cells]) -> list[Cells]:
    """Replace the mart's cell_id by the cell's content; cells of one content become one key."""
    content: dict[object, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        content[row["cell_id"]].append((str(row["characteristic"]), str(row["value"])))
    return [{**row, "cell_id": str(sorted(content[row["cell_id"]]))} for row in rows]


def _cell(values: dict[str, frozenset[str]]) -> frozenset[tuple[str, str]]:
    return frozenset((name, value) for name, group in values.items() for value in group)


def rpt_segment_sizes(world: World, base: Base) -> list[Cells]:
    ends = value_sets(world, base, at_end=True)
    starts = value_sets(world, base, at_end=False)
    found = []
    for size in range(4):
        for names in combinations(sorted(world.rules.segment_characteristics), size):
            now, then = _sizes(ends, names), _sizes(starts, names)
            for values in sorted(now | then) or ([()] if not names else []):
                row: Cells = {
                    **world.key(world.this_month),
                    "combination": " + ".join(names) or "all",
                    "client_count": now[values],
                    "base_client_count": len(ends),
                    "client_share": ratio(now[values], len(ends)),
                    "previous_client_count": then[values],
                    "change_client_count": now[values] - then[values],
                }
                for place in range(3):
                    known = place < size
                    row[f"characteristic_{place + 1}"] = names[place] if known else None
                    row[f"value_{place + 1}"] = values[place] if known else None
                found.append(row)
    return found


def _sizes(clients: ValueSets, names: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    return Counter(
        values for groups in clients.values() for values in product(*(groups[n] for n in names))
    )
