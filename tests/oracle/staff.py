"""Managers: who is present in a period, load by clients."""

from datetime import date
from fractions import Fraction

from tests.oracle.base import Base
from tests.oracle.contacts import planned_items
from tests.oracle.events import Event
from tests.oracle.growth import active
from tests.oracle.world import Cells, Period, World, percentile, ratio, rounded


def present(world: World, base: Base, period: Period) -> list[str]:
    """Managers who were employed or a client's main manager on any day of a period; no robots."""
    owning = {
        base.owner_at(client, moment)
        for client, rows in base.assignments.items()
        for moment in {period.start, *(at for r in rows for at in (r.valid_from, r.valid_to) if at)}
        if period.holds(moment)
    }
    return sorted(
        row.manager_id
        for row in world.crm.managers
        if not row.is_robot
        and (
            row.manager_id in owning
            or (
                (row.hired_on or date.min) < period.after
                and (row.left_on or date.max) >= period.first
                and (row.deleted_at is None or row.deleted_at >= period.start)
            )
        )
    )


def has_left(world: World, manager_id: str, period: Period) -> bool:
    """Left before the period's end."""
    found = [row for row in world.crm.managers if row.manager_id == manager_id]
    return bool(found) and found[0].left_on is not None and found[0].left_on < period.after


def rpt_manager_load(world: World, base: Base, events: list[Event]) -> list[Cells]:
    month = world.this_month
    clients = base.members(month.end)
    classes = {c: base.attribute(c, "client_class", month.end) or "unknown" for c in clients}
    main, second = {}, {}
    for client in clients:
        owners = base.owners_before(client, month.end)
        main[client] = owners[0] if owners else "no manager"
        if owners and has_left(world, owners[0], month):
            main[client] = "manager left"
        second[client] = ["manager left" if has_left(world, m, month) else m for m in owners[1:]]
    # A robot is no manager, but the clients that it was given have to stand somewhere.
    having = {*main.values(), *(m for seconds in second.values() for m in seconds)}
    having -= {"no manager", "manager left"}
    here = {m for m in present(world, base, month) if not has_left(world, m, month)}
    managers = sorted(here | having)
    rows = [(m, "manager") for m in managers]
    rows += [("no manager", "no manager"), ("manager left", "manager left")]
    live = active(world, base, events, month)
    planned = planned_items(world, events)
    found = []
    for name in sorted({"all", *classes.values()}):
        of_class = [c for c in clients if name in ("all", classes[c])]
        counts = [sum(main[c] == m for c in of_class) for m in managers]
        quartiles = [percentile([Fraction(n) for n in counts], Fraction(q, 4)) for q in (1, 2, 3)]
        for manager, kind in rows:
            own = [c for c in of_class if main[c] == manager]
            seconds = sum(manager in second[c] for c in of_class)
            found.append(
                {
                    **world.key(month),
                    "manager_id": manager,
                    "client_class": name,
                    "row_kind": kind,
                    "main_client_count": len(own),
                    "second_client_count": seconds,
                    "base_client_count": len(of_class),
                    "main_client_share": ratio(len(own), len(of_class)),
                    "least_main_client_count": min(counts, default=None),
                    "lower_quartile_main_client_count": rounded(quartiles[0], 2),
                    "median_main_client_count": rounded(quartiles[1], 2),
                    "upper_quartile_main_client_count": rounded(quartiles[2], 2),
                    "most_main_client_count": max(counts, default=None),
                    "active_client_count": sum(c in live for c in own),
                    "silent_client_count": sum(c not in live for c in own),
                    "planned_next_month_count": sum(
                        world.next_month.holds(at) for c in own for at in planned.get(c, [])
                    ),
                }
            )
    return found
