"""Growth of the client base."""

from tests.oracle.base import Base
from tests.oracle.world import Cells, World, ratio

ENTRIES = ("new", "migrated", "restored")
EXITS = ("lost", "merged")


def rpt_client_growth(world: World, base: Base) -> list[Cells]:
    found = []
    spells = [spell for spells in base.spells.values() for spell in spells]
    for period in world.periods:
        opening = sum(spell.holds_before(period.start) for spell in spells)
        closing = sum(spell.holds_before(period.end) for spell in spells)
        row: Cells = {
            **world.key(period),
            "opening_client_count": opening,
            "closing_client_count": closing,
            "growth_client_count": closing - opening,
            "growth_share": ratio(closing - opening, opening),
            "is_reconstructed": world.is_reconstructed,
        }
        for kind in ENTRIES:
            row[f"{kind}_client_count"] = sum(
                spell.entry_kind == kind and period.holds(spell.entered_at) for spell in spells
            )
        for kind in EXITS:
            row[f"{kind}_client_count"] = sum(
                spell.exit_kind == kind and period.holds(spell.left_at) for spell in spells
            )
        found.append(row)
    return found
