-- grain: month and client in the base at its end
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

clients as (
    select * from {{ ref('int_clients__at_boundaries') }}
    where boundary = 'end'
),

described as (
    select
        period.period_kind,
        period.period_start,
        period.close_month,
        clients.client_id,
        clients.owner_manager_id,
        clients.client_class,
        case
            when clients.do_not_contact then 'do not contact'
            when clients.is_entered_in_month then 'entered'
            when coalesce(contacts.contact_count, 0) > 0 then 'contacted'
            else 'no contact'
        end as contact_status,
        coalesce(contacts.contact_count, 0) as contact_count,
        coalesce(contacts.attempt_count, 0) as attempt_count,
        coalesce(contacts.mass_mail_count, 0) as mass_mail_count,
        coalesce(contacts.previous_contact_count, 0) as previous_contact_count,
        contacts.last_contact_at,
        contacts.last_contact_manager_id,
        contacts.last_contact_interaction_id,
        contacts.first_contact_manager_id,
        {{ days_between(to_business('contacts.last_contact_at'), 'period.period_end') }} - 1
            as days_since_last_contact,
        planned.next_planned_at,
        coalesce(planned.planned_next_month_count, 0) > 0 as is_planned_soon,
        coalesce(planned.next_planned_at < period.scheduled_close_at, false)
            as is_planned_in_grace_days,
        clients.owner_state
    from clients
    cross join period
    left join {{ ref('int_clients__contact_state') }} as contacts
        on clients.client_id = contacts.client_id
    left join {{ ref('int_clients__next_planned') }} as planned
        on clients.client_id = planned.client_id
),

final as (
    select
        period_kind,
        period_start,
        close_month,
        client_id,
        owner_manager_id,
        client_class,
        contact_status,
        cast(contact_count as bigint) as contact_count,
        cast(attempt_count as bigint) as attempt_count,
        last_contact_at,
        last_contact_manager_id,
        last_contact_interaction_id,
        cast(days_since_last_contact as int) as days_since_last_contact,
        last_contact_at is null as is_never_contacted,
        next_planned_at,
        is_planned_in_grace_days,
        case
            when contact_status <> 'no contact' then null
            when last_contact_at is null and attempt_count = 0 and mass_mail_count = 0
                then 'never contacted'
            when attempt_count > 0 then 'attempts only'
            when mass_mail_count > 0 then 'mass mail only'
            when is_planned_soon then 'planned soon'
            when owner_state = 'manager left' then 'manager left'
            else 'silent'
        end as no_contact_reason,
        case
            when contact_status <> 'no contact' then null
            when
                coalesce(days_since_last_contact > {{ var('inactive_warning_days') }}, true)
                and not is_planned_soon then 1
            when
                coalesce(days_since_last_contact > {{ var('inactive_warning_days') }}, true)
                or not is_planned_soon then 2
            else 3
        end as priority,
        contact_status = 'no contact' and previous_contact_count > 0 as is_slipped,
        contact_status = 'contacted' and previous_contact_count = 0 as is_resumed,
        case
            when contact_status = 'contacted' and previous_contact_count = 0
                then first_contact_manager_id
        end as resumed_by_manager_id
    from described
)

select * from final
