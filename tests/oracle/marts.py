"""Every mart by the oracle."""

from tests.oracle import (
    contacts,
    deadlines,
    fulfilment,
    groups,
    growth,
    kpis,
    late_entries,
    marts_simple,
    named_segments,
    outcomes,
    persons,
    planned,
    ranking,
    register,
    segments,
    staff,
)
from tests.oracle.base import Base
from tests.oracle.events import events
from tests.oracle.world import Cells, World


def all_marts(world: World) -> dict[str, list[Cells]]:
    base = Base(world)
    every = events(world, base)
    counted = [event for event in every if event.counts]
    reports = {
        "dim_periods": marts_simple.dim_periods(world),
        "dim_managers": marts_simple.dim_managers(world),
        "dim_clients": marts_simple.dim_clients(world, base),
        "client_names": marts_simple.client_names(world),
        "contact_person_details": marts_simple.contact_person_details(world),
        "fct_interactions": marts_simple.fct_interactions(world, base, counted),
        "rpt_no_contact_clients": contacts.rpt_no_contact_clients(world, base, counted),
        "rpt_manager_load": staff.rpt_manager_load(world, base, counted),
        "rpt_segment_sizes": segments.rpt_segment_sizes(world, base),
        "fct_segment_cells": segments.fct_segment_cells(world, base),
        "rpt_interaction_kpis": kpis.rpt_interaction_kpis(world, base, counted),
        "rpt_interaction_outcomes": outcomes.rpt_interaction_outcomes(world, base, counted),
        "rpt_contact_persons": persons.rpt_contact_persons(world, base),
        "rpt_interaction_groups": groups.rpt_interaction_groups(world, base, counted),
        "rpt_planned_activity": planned.rpt_planned_activity(world, base, counted),
        "rpt_deadline_compliance": deadlines.rpt_deadline_compliance(world, base, counted),
        "rpt_interaction_register": register.rpt_interaction_register(world, base, counted),
        "rpt_late_entries": late_entries.rpt_late_entries(world, base, counted),
        "rpt_plan_fulfilment": fulfilment.rpt_plan_fulfilment(world, base, counted),
        "rpt_manager_ranking": ranking.rpt_manager_ranking(world, base, counted),
        "rpt_named_segments": named_segments.rpt_named_segments(world, base),
        "rpt_segment_overlap": named_segments.rpt_segment_overlap(world, base),
        "rpt_segment_migration": named_segments.rpt_segment_migration(world, base),
        "rpt_client_growth": growth.rpt_client_growth(world, base, counted),
    }
    told = register.told_interactions(world, reports)
    return reports | {
        "dim_interactions": register.dim_interactions(world, every, told),
        "interaction_subjects": marts_simple.interaction_subjects(world, told),
    }
