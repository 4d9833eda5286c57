"""Places of managers by score, with the interval that random draws of their clients give."""

import hashlib
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import TypeVar

from tests.oracle.base import Base
from tests.oracle.candidates import (
    PARTS,
    Candidate,
    Counts,
    added,
    candidates,
    parts,
    score,
    weights_of,
)
from tests.oracle.events import Event
from tests.oracle.world import Cells, Period, World, ratio

Number = TypeVar("Number", int, Fraction)


def places(scores: dict[str, Decimal | None]) -> dict[str, int]:
    """Rank by score, the highest first; equal scores share a place and the next is left out."""
    known = [Fraction(-1) if value is None else Fraction(value) for value in scores.values()]
    return {
        name: 1 + sum(other > own for other in known)
        for name, own in zip(scores, known, strict=True)
    }


def ranked(world: World, found: dict[str, Candidate], month: Period) -> dict[str, Decimal | None]:
    weights = weights_of(month)
    return {
        name: score(candidate.counts, weights)
        for name, candidate in found.items()
        if candidate.reason(world) is None
    }


def draw(world: World, candidate: Candidate, number: int) -> Counts:
    """The counts of one draw of as many clients as the manager has, some more than once."""
    clients = [candidate.clients[name] for name in sorted(candidate.clients)]
    chosen = []
    for place in range(1, len(clients) + 1):
        text = f"{world.rules.ranking_seed}|{candidate.manager_id}|{number}|{place}"
        chosen.append(int(hashlib.md5(text.encode()).hexdigest()[:8], 16) % len(clients))
    return added(clients[place] for place in chosen)


def disc(values: list[Number], share: Fraction) -> Number:
    """percentile_disc: the first of the sorted values at or over a share of them."""
    return sorted(values)[max(ceil(share * len(values)) - 1, 0)]


LOW, HIGH = Fraction(5, 100), Fraction(95, 100)


def rpt_manager_ranking(world: World, base: Base, events: list[Event]) -> list[Cells]:
    month = world.this_month
    found = candidates(world, base, events, month)
    scores = ranked(world, found, month)
    before = candidates(world, base, events, world.previous_month)
    previous = places(ranked(world, before, world.previous_month))
    now = places(scores)
    weights = weights_of(month)
    draws = [
        {name: score(draw(world, found[name], number), weights) for name in scores}
        for number in range(1, world.rules.ranking_draws + 1)
    ]
    ranks = [places(drawn) for drawn in draws]
    order = sorted(now, key=lambda name: (now[name], name))
    followers = dict(pairwise(order))
    rows = []
    for name, candidate in found.items():
        reason, own = candidate.reason(world), parts(candidate.counts)
        whole = sum((weights[part] for part in PARTS if own[part] is not None), Fraction(0))
        row: Cells = {
            **world.key(month),
            "manager_id": name,
            "is_ranked": reason is None,
            "not_ranked_reason": reason,
            "place": now.get(name),
            "previous_place": previous.get(name),
            "place_from": disc([r[name] for r in ranks], LOW) if name in now else None,
            "place_to": disc([r[name] for r in ranks], HIGH) if name in now else None,
            "next_manager_id": followers.get(name),
            "is_apart_from_next": _is_apart(draws, name, followers.get(name)),
            "score": scores.get(name),
            **candidate.counts,
            "main_client_count": candidate.main_clients,
            "working_day_count": candidate.working_days,
            "absence_day_count": candidate.absence_days,
        }
        for part in PARTS:
            weight = weights[part] if own[part] is not None else Fraction(0)
            row[f"{part}_part"] = own[part]
            row[f"{part}_weight"] = ratio(weight, whole)
        rows.append(row)
    return rows


def _is_apart(
    draws: list[dict[str, Decimal | None]], name: str, follower: str | None
) -> bool | None:
    if follower is None:
        return None
    gaps = [Fraction(d[name] or 0) - Fraction(d[follower] or 0) for d in draws]
    return disc(gaps, LOW) > 0 or disc(gaps, HIGH) < 0
