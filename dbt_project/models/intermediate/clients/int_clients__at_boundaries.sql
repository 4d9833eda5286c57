-- grain: boundary of the month being closed (start, end) and client in the base then
with period as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

boundaries as (
    select
        'start' as boundary,
        start_at as boundary_at,
        period_start as boundary_date
    from period
    union all
    select
        'end',
        end_at,
        period_end
    from period
),

spells as (
    select * from {{ ref('int_clients__base_spells') }}
),

versions as (
    -- A version holds from the load that first showed it, a client's first one from its beginning.
    select
        *,
        case
            when row_number() over (partition by client_id order by known_from) > 1
                then known_from
        end as valid_from,
        lead(known_from) over (partition by client_id order by known_from) as valid_to
    from {{ ref('client_versions') }}
),

owners as (
    select
        boundaries.boundary,
        owners.client_id,
        owners.manager_id,
        coalesce(managers.left_on < boundaries.boundary_date, false) as has_left
    from boundaries
    inner join {{ ref('int_clients__owners') }} as owners
        on
            owners.is_main
            and {{ valid_before('owners', 'boundaries.boundary_at') }}
    inner join {{ ref('managers') }} as managers on owners.manager_id = managers.manager_id
),

final as (
    select
        boundaries.boundary,
        boundaries.boundary_at,
        period.close_month,
        spells.client_id,
        spells.entered_at,
        spells.entry_kind,
        spells.entered_at >= period.start_at as is_entered_in_month,
        owners.manager_id as owner_manager_id,
        case
            when owners.manager_id is null then 'no manager'
            when owners.has_left then 'manager left'
            else 'manager'
        end as owner_state,
        versions.do_not_contact,
        versions.client_kind,
        versions.client_class,
        versions.region,
        versions.city,
        versions.industry,
        versions.source_channel
    from period
    cross join boundaries
    inner join spells
        on
            boundaries.boundary_at > spells.entered_at
            and coalesce(boundaries.boundary_at <= spells.left_at, true)
    inner join versions
        on
            spells.client_id = versions.client_id
            and {{ valid_before('versions', 'boundaries.boundary_at') }}
    left join owners
        on boundaries.boundary = owners.boundary and spells.client_id = owners.client_id
)

select * from final
