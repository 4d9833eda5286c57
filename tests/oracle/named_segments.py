"""Named segments: sizes, overlaps, migration."""

from collections import Counter
from datetime import date
from itertools import permutations, product
from typing import Any

import yaml

from tests.oracle.base import Base
from tests.oracle.segments import value_sets
from tests.oracle.world import Cells, World, ratio

Members = dict[str, set[str]]


def in_force(world: World) -> list[tuple[dict[str, Any], int]]:
    """Segments with the number of the version in force on the month's first day."""
    entries = yaml.safe_load(world.named_segments.read_text(encoding="utf-8"))
    found = []
    for entry in entries:
        begun = [v for v in entry["versions"] if _date(v["valid_from"]) <= world.month]
        if begun:
            found.append((entry, len(begun)))
    return found


def _date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def holds(predicate: dict[str, Any], values: dict[str, frozenset[str]]) -> bool:
    [(key, content)] = predicate.items()
    match key:
        case "all":
            return all(holds(part, values) for part in content)
        case "any":
            return any(holds(part, values) for part in content)
        case "not":
            return not holds(content, values)
    return bool(values[key] & set(content))


def members(world: World, base: Base, at_end: bool) -> Members:
    values = value_sets(world, base, at_end)
    return {
        entry["segment"]: {
            client
            for client, own in values.items()
            if holds(entry["versions"][number - 1]["where"], own)
        }
        for entry, number in in_force(world)
    }


def rpt_named_segments(world: World, base: Base) -> list[Cells]:
    now, then = members(world, base, at_end=True), members(world, base, at_end=False)
    total = len(base.members(world.this_month.end))
    return [
        {
            **world.key(world.this_month),
            "segment": entry["segment"],
            "segment_title": entry["title"],
            "segment_version": number,
            "client_count": len(now[entry["segment"]]),
            "base_client_count": total,
            "client_share": ratio(len(now[entry["segment"]]), total),
            "previous_client_count": len(then[entry["segment"]]),
            "entered_client_count": len(now[entry["segment"]] - then[entry["segment"]]),
            "left_client_count": len(then[entry["segment"]] - now[entry["segment"]]),
        }
        for entry, number in in_force(world)
    ]


def rpt_segment_overlap(world: World, base: Base) -> list[Cells]:
    now = members(world, base, at_end=True)
    pairs = [(one, other, now[other]) for one, other in permutations(now, 2)]
    for one in now:
        rest = [now[other] for other in now if other != one]
        pairs.append((one, "any other", set().union(*rest)))
    return [
        {
            **world.key(world.this_month),
            "segment": one,
            "other_segment": other,
            "client_count": len(now[one]),
            "other_client_count": len(clients),
            "overlap_client_count": len(now[one] & clients),
            "exclusive_client_count": len(now[one] - clients),
            "overlap_share": ratio(len(now[one] & clients), len(now[one])),
        }
        for one, other, clients in pairs
    ]


def rpt_segment_migration(world: World, base: Base) -> list[Cells]:
    now, then = members(world, base, at_end=True), members(world, base, at_end=False)
    ends = set(base.members(world.this_month.end))
    starts = set(base.members(world.this_month.start))
    counts = Counter[tuple[str, str]]()
    for client in starts | ends:
        was = set(_segments(client, then, starts))
        now_in = set(_segments(client, now, ends))
        counts.update((segment, segment) for segment in was & now_in)
        left, entered = was - now_in, now_in - was
        if left or entered:
            counts.update(product(left or {"none left"}, entered or {"none entered"}))
    return [
        {
            **world.key(world.this_month),
            "segment_from": before,
            "segment_to": after,
            "client_count": count,
        }
        for (before, after), count in counts.items()
    ]


def _segments(client: str, segments: Members, base_clients: set[str]) -> list[str]:
    if client not in base_clients:
        return ["not in base"]
    return [name for name, clients in segments.items() if client in clients] or ["no segment"]
