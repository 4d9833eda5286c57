-- grain: period and client in the base at its end
with periods as (
    select * from {{ ref('int_periods') }}
),

memberships as (
    select * from {{ ref('int_clients__memberships') }}
    where characteristic = 'client_class'
),

classes as (
    select
        value as client_class,
        {{ active_days_of('value') }} as active_days
    from memberships
    group by value
),

-- From when on a contact makes a client active at the period's end, and at its start.
thresholds as (
    select
        periods.period_kind,
        periods.period_start,
        periods.start_at,
        periods.end_at,
        classes.client_class,
        {%- for bound in ['start', 'end'] %}
            {{ from_business(
                "cast(periods.period_" ~ bound ~ " as timestamp) - classes.active_days"
                ~ " * interval '1' day"
            ) }} as active_at_{{ bound }}_since
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from periods
    cross join classes
),

earliest as (
    select min(active_at_start_since) as moment from thresholds
),

contacts as (
    -- Distinct first, so that the join on times is not planned before the one on ids.
    select distinct
        touches.client_id,
        touches.event_at
    from {{ ref('int_interactions__client_touches') }} as touches
    inner join earliest on touches.event_at >= earliest.moment
    where touches.is_contact
),

last_contacts as (
    -- Of the survivor, by merges before the period's end.
    select
        periods.period_kind,
        periods.period_start,
        survivors.surviving_client_id as client_id,
        max(contacts.event_at) as last_contact_at,
        max(case when contacts.event_at < periods.start_at then contacts.event_at end)
            as last_contact_before_at
    from contacts
    inner join periods on contacts.event_at < periods.end_at
    inner join {{ ref('int_clients__survivors') }} as survivors
        on
            contacts.client_id = survivors.client_id
            and {{ valid_before('survivors', 'periods.end_at') }}
    group by periods.period_kind, periods.period_start, survivors.surviving_client_id
),

states as (
    select
        thresholds.period_kind,
        thresholds.period_start,
        memberships.client_id,
        coalesce(last_contacts.last_contact_at >= thresholds.active_at_end_since, false)
            as is_active,
        coalesce(last_contacts.last_contact_before_at >= thresholds.active_at_start_since, false)
            as was_active,
        openings.client_id is not null as was_in_base
    from thresholds
    inner join memberships
        on
            thresholds.client_class = memberships.value
            and thresholds.end_at > memberships.entered_at
            and coalesce(thresholds.end_at <= memberships.left_at, true)
    left join last_contacts
        on
            thresholds.period_kind = last_contacts.period_kind
            and thresholds.period_start = last_contacts.period_start
            and memberships.client_id = last_contacts.client_id
    left join {{ ref('int_clients__base_spells') }} as openings
        on
            memberships.client_id = openings.client_id
            and thresholds.start_at > openings.entered_at
            and thresholds.start_at <= coalesce(openings.left_at, timestamp '9999-12-31 00:00:00')
)

select
    period_kind,
    period_start,
    client_id,
    is_active,
    is_active and was_in_base and not was_active as is_reactivated
from states
