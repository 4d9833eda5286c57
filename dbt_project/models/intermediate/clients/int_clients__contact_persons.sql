-- grain: client in the base at the month's end, contact person, position and role there
with period as (
    select
        end_at,
        cast(period_end - interval '1' day as date) as last_day
    from {{ ref('int_periods') }}
    where period_kind = 'month'
),

pairs as (
    select
        pairs.client_id,
        pairs.person_id,
        pairs.valid_from,
        pairs.valid_to,
        lower(nullif(trim(pairs.position), '')) as raw_position,
        lower(nullif(trim(pairs.role), '')) as raw_role
    from {{ ref('client_contact_persons') }} as pairs
    inner join {{ ref('contact_persons') }} as persons on pairs.person_id = persons.person_id
    where not pairs.is_deleted and persons.is_active and not persons.is_deleted
),

survivors as (
    select * from {{ ref('int_clients__survivors') }}
),

clients as (
    select client_id from {{ ref('int_clients__at_boundaries') }}
    where boundary = 'end'
),

final as (
    select distinct
        clients.client_id,
        pairs.person_id,
        case
            when pairs.raw_position is null then 'empty'
            else coalesce(position_names.position, 'unmapped')
        end as position,
        case
            when pairs.raw_role is null then 'empty'
            else coalesce(role_names.role, 'unmapped')
        end as role,
        coalesce(position_names.is_decision_maker, false)
        or coalesce(role_names.is_decision_maker, false) as is_decision_maker,
        case when position_names.position is null then pairs.raw_position end as unmapped_position,
        case when role_names.role is null then pairs.raw_role end as unmapped_role
    from pairs
    cross join period
    inner join survivors
        on
            pairs.client_id = survivors.client_id
            and {{ valid_before('survivors', 'period.end_at') }}
    inner join clients on survivors.surviving_client_id = clients.client_id
    left join {{ ref('positions') }} as position_names
        on
            pairs.raw_position = position_names.raw_position
            and {{ valid_at('position_names', 'period.last_day') }}
    left join {{ ref('roles') }} as role_names
        on
            pairs.raw_role = role_names.raw_role
            and {{ valid_at('role_names', 'period.last_day') }}
    where {{ valid_before('pairs', 'period.end_at') }}
)

select * from final
