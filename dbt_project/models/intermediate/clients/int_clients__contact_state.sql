-- grain: client that was contacted before the end of the month being closed, or touched in it or in
-- the month before
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

survivors as (
    select
        survivors.client_id,
        survivors.surviving_client_id
    from {{ ref('int_clients__survivors') }} as survivors
    cross join period
    where {{ valid_before('survivors', 'period.end_at') }}
),

-- A meeting with a client and its duplicate is one of the survivor.
recent as (
    select distinct
        survivors.surviving_client_id as client_id,
        touches.interaction_id,
        touches.event_at,
        touches.performer_id,
        touches.is_contact,
        touches.is_attempt,
        touches.is_mass,
        touches.event_at >= period.start_at as is_in_month
    from {{ ref('int_interactions__client_touches') }} as touches
    inner join period
        on touches.event_at >= period.previous_start_at and touches.event_at < period.end_at
    inner join survivors on touches.client_id = survivors.client_id
),

counts as (
    select
        client_id,
        sum(case when is_contact and is_in_month then 1 else 0 end) as contact_count,
        sum(case when is_contact and not is_in_month then 1 else 0 end) as previous_contact_count,
        sum(case when is_attempt and is_in_month then 1 else 0 end) as attempt_count,
        sum(case when is_mass and is_in_month then 1 else 0 end) as mass_mail_count
    from recent
    group by client_id
),

first_contacts as (
    select
        client_id,
        performer_id,
        row_number() over (partition by client_id order by event_at, interaction_id) as place
    from recent
    where is_contact and is_in_month
),

-- Grouped by the id that it had first: all of the history is read, and little of it sorted.
newest as (
    select
        touches.client_id,
        max(touches.event_at) as event_at
    from {{ ref('int_interactions__client_touches') }} as touches
    inner join period on touches.event_at < period.end_at
    where touches.is_contact
    group by touches.client_id
),

newest_of_survivors as (
    select
        survivors.surviving_client_id,
        max(newest.event_at) as event_at
    from newest
    inner join survivors on newest.client_id = survivors.client_id
    group by survivors.surviving_client_id
),

last_contacts as (
    select
        newest.surviving_client_id as client_id,
        touches.interaction_id,
        touches.event_at,
        touches.performer_id,
        row_number() over (
            partition by newest.surviving_client_id order by touches.interaction_id desc nulls last
        ) as place
    from {{ ref('int_interactions__client_touches') }} as touches
    inner join survivors on touches.client_id = survivors.client_id
    inner join newest_of_survivors as newest
        on
            survivors.surviving_client_id = newest.surviving_client_id
            and touches.event_at = newest.event_at
    where touches.is_contact
),

clients as (
    select client_id from counts
    union
    select client_id from last_contacts
),

final as (
    select
        clients.client_id,
        coalesce(counts.contact_count, 0) as contact_count,
        coalesce(counts.previous_contact_count, 0) as previous_contact_count,
        coalesce(counts.attempt_count, 0) as attempt_count,
        coalesce(counts.mass_mail_count, 0) as mass_mail_count,
        last_contacts.event_at as last_contact_at,
        last_contacts.performer_id as last_contact_manager_id,
        last_contacts.interaction_id as last_contact_interaction_id,
        first_contacts.performer_id as first_contact_manager_id
    from clients
    left join counts on clients.client_id = counts.client_id
    left join last_contacts
        on clients.client_id = last_contacts.client_id and last_contacts.place = 1
    left join first_contacts
        on clients.client_id = first_contacts.client_id and first_contacts.place = 1
)

select * from final
