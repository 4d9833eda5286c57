"""What the page and the printed pack show of each report, and in which order."""

from dataclasses import dataclass

from orchestration.delivery.published_month import Selection


@dataclass(frozen=True, kw_only=True)
class Section(Selection):
    """A part of a report's rows and columns; `name` is that of its chart, title and note.

    One without an owner is of the whole company.
    """

    name: str


SECTIONS = (
    Section(
        name="growth",
        mart="rpt_client_growth",
        columns=(
            "characteristic",
            "value",
            "opening_client_count",
            "new_client_count",
            "restored_client_count",
            "lost_client_count",
            "merged_client_count",
            "closing_client_count",
            "growth_client_count",
        ),
        where="characteristic in ('all', 'client_class', 'client_kind')",
        order="characteristic <> 'all', characteristic, value",
    ),
    Section(
        name="segments",
        mart="rpt_named_segments",
        columns=(
            "segment_title",
            "client_count",
            "client_share",
            "entered_client_count",
            "left_client_count",
        ),
        order="client_count desc, segment",
    ),
    Section(
        name="load",
        mart="rpt_manager_load",
        columns=(
            "manager_id",
            "main_client_count",
            "main_client_share",
            "second_client_count",
            "active_client_count",
            "silent_client_count",
            "planned_next_month_count",
        ),
        where="client_class = 'all'",
        owner="manager_id",
        order="main_client_count desc, manager_id",
    ),
    Section(
        name="activity",
        mart="rpt_interaction_kpis",
        columns=(
            "manager_id",
            "interaction_kind",
            "interaction_count",
            "client_count",
            "conversation_count",
            "attempt_count",
            "call_minutes",
            "meeting_minutes",
        ),
        where="""attribution = 'performer' and interaction_group = 'all'
            and manager_id <> 'all' and interaction_kind <> 'all'""",
        owner="manager_id",
        order="manager_id, interaction_count desc, interaction_kind",
    ),
    Section(
        name="groups",
        mart="rpt_interaction_groups",
        columns=(
            "manager_id",
            "interaction_group",
            "interaction_count",
            "change_interaction_count",
            "opened_count",
            "closed_count",
            "median_hours_to_close",
        ),
        where="""manager_id <> 'all' and interaction_group in
            ('complaint', 'consultation', 'service_visit', 'first_contact')""",
        owner="manager_id",
        order="interaction_group, interaction_count desc, manager_id",
    ),
    Section(
        name="outcomes",
        mart="rpt_interaction_outcomes",
        columns=(
            "manager_id",
            "interaction_kind",
            "completed_on_time_count",
            "completed_late_count",
            "cancelled_count",
            "overdue_count",
            "overdue_over_90_days_count",
        ),
        where="""completed_on_time_count + completed_late_count + cancelled_count
            + overdue_count > 0""",
        owner="manager_id",
        order="overdue_count desc, manager_id, interaction_kind",
    ),
    Section(
        name="deadlines",
        mart="rpt_deadline_compliance",
        columns=(
            "manager_id",
            "due_count",
            "on_time_count",
            "on_time_share",
            "late_count",
            "moved_after_expiry_count",
            "still_open_count",
        ),
        where="manager_id <> 'all' and due_count > 0",
        owner="manager_id",
        order="on_time_share desc, manager_id",
    ),
    Section(
        name="plan",
        mart="rpt_plan_fulfilment",
        columns=(
            "manager_id",
            "planned_count",
            "fulfilled_count",
            "fulfilment_share",
            "planned_client_count",
            "covered_client_count",
            "coverage_share",
            "unplanned_count",
        ),
        where="row_kind = 'manager'",
        owner="manager_id",
        order="fulfilment_share desc nulls last, manager_id",
    ),
    Section(
        name="ranking",
        mart="rpt_manager_ranking",
        columns=(
            "place",
            "manager_id",
            "place_from",
            "place_to",
            "is_apart_from_next",
            "score",
            "fulfilment_part",
            "coverage_part",
            "on_time_part",
            "no_overdue_part",
            "not_ranked_reason",
        ),
        owner="manager_id",
        order="place nulls last, manager_id",
    ),
    Section(
        name="no_contact",
        mart="rpt_no_contact_clients",
        columns=(
            "client_id",
            "owner_manager_id",
            "client_class",
            "no_contact_reason",
            "last_contact_at",
            "days_since_last_contact",
            "next_planned_at",
            "priority",
            "is_slipped",
        ),
        where="contact_status = 'no contact'",
        owner="owner_manager_id",
        order="priority desc, days_since_last_contact desc nulls first, client_id",
    ),
    Section(
        name="resumed",
        mart="rpt_no_contact_clients",
        columns=(
            "client_id",
            "owner_manager_id",
            "client_class",
            "resumed_by_manager_id",
            "last_contact_at",
        ),
        where="is_resumed",
        owner="owner_manager_id",
        order="client_id",
    ),
    Section(
        name="late_entries",
        mart="rpt_late_entries",
        columns=(
            "event_month",
            "judged_count",
            "in_month_count",
            "in_grace_days_count",
            "late_count",
            "entered_after_month_share",
            "complete_at_close_share",
        ),
        where="manager_id = 'all'",
        order="event_month desc",
    ),
)
