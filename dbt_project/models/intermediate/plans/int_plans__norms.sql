-- grain: month, client, interaction kind and group of a norm, for managers without a plan
with months as (
    select * from {{ ref('int_months') }}
    where '{{ var("contact_norms") }}' = 'where no plan'
),

planned as (
    select distinct
        period_start,
        manager_id
    from {{ ref('int_plans__lines') }}
),

versions as (
    select
        *,
        row_number() over (partition by client_id order by known_from) as version_number
    from {{ ref('client_versions') }}
),

versions_at_start as (
    -- As at the end of the month before; a client's first version holds from its beginning.
    select
        months.period_start,
        versions.client_id,
        coalesce(versions.client_class, 'unknown') as client_class,
        versions.do_not_contact,
        row_number() over (
            partition by months.period_start, versions.client_id
            order by versions.known_from desc
        ) as recency
    from versions
    cross join months
    where versions.version_number = 1 or versions.known_from < months.start_at
),

clients as (
    select
        months.*,
        spells.client_id,
        owners.manager_id
    from months
    inner join {{ ref('int_clients__base_spells') }} as spells
        on
            months.start_at > spells.entered_at
            and months.start_at <= coalesce(spells.left_at, months.start_at)
    inner join {{ ref('int_clients__owners') }} as owners
        on
            spells.client_id = owners.client_id
            and owners.is_main
            and {{ valid_at('owners', 'months.start_at') }}
    inner join {{ ref('managers') }} as managers
        on
            owners.manager_id = managers.manager_id
            and months.period_start <= coalesce(managers.left_on, months.period_start)
            and not managers.is_robot
    left join planned
        on
            months.period_start = planned.period_start
            and owners.manager_id = planned.manager_id
    where planned.manager_id is null
),

final as (
    select
        clients.period_start,
        'norm:' || clients.client_id || ':' || coalesce(norms.interaction_kind, 'any') || ':'
        || coalesce(norms.interaction_group, 'any') as plan_id,
        0 as plan_version,
        clients.start_at as approved_at,
        clients.period_start as first_day,
        clients.period_end as end_day,
        clients.manager_id,
        coalesce(survivors.surviving_client_id, clients.client_id) as client_id,
        norms.interaction_kind,
        norms.interaction_group,
        norms.contacts_per_month as planned_count
    from clients
    inner join versions_at_start
        on
            clients.period_start = versions_at_start.period_start
            and clients.client_id = versions_at_start.client_id
            and versions_at_start.recency = 1
            and not coalesce(versions_at_start.do_not_contact, false)
    inner join {{ ref('contact_norms') }} as norms
        on
            versions_at_start.client_class = norms.client_class
            and clients.period_start >= coalesce(norms.valid_from, date '0001-01-01')
            and clients.period_start < coalesce(norms.valid_to, date '9999-12-31')
    left join {{ ref('int_clients__survivors') }} as survivors
        on
            clients.client_id = survivors.client_id
            and {{ valid_before('survivors', 'clients.end_at') }}
)

select * from final
