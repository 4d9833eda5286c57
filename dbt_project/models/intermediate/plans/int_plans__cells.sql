-- grain: kind of row, manager, client, interaction kind and group, in the month being closed
with month_start as (
    select period_start from {{ ref('int_months') }}
    where is_closing
),

amendments as (
    select * from {{ ref('int_plans__amendments') }}
),

lines as (
    select
        facts.manager_id,
        coalesce(facts.client_id, 'any') as client_id,
        coalesce(facts.interaction_kind, 'any') as interaction_kind,
        coalesce(facts.interaction_group, 'any') as interaction_group,
        {{ sorted_list('facts.plan_id') }} as plan_ids,
        max(facts.plan_version) as plan_version,
        sum(facts.planned_count) as planned_count,
        sum(facts.fact_count) as fact_count,
        sum(facts.fulfilled_count) as fulfilled_count,
        sum(case when facts.planned_count = 0 then facts.fact_count else 0 end)
            as unplanned_count,
        max(case when facts.fact_count < facts.planned_count then 1 else 0 end) as is_missed,
        sum(coalesce(amendments.amendment_count, 0)) as amendment_count,
        sum(amendments.amended_planned_count) as amended_planned_count
    from {{ ref('int_plans__facts') }} as facts
    inner join month_start on facts.period_start = month_start.period_start
    left join amendments
        on facts.period_start = amendments.period_start and facts.plan_id = amendments.plan_id
    group by
        facts.manager_id,
        coalesce(facts.client_id, 'any'),
        coalesce(facts.interaction_kind, 'any'),
        coalesce(facts.interaction_group, 'any')
),

unplanned as (
    select
        contacts.manager_id,
        coalesce(contacts.primary_client_id, 'no client') as client_id,
        contacts.interaction_kind,
        contacts.interaction_group,
        count(*) as unplanned_count
    from {{ ref('int_plans__contacts') }} as contacts
    inner join month_start on contacts.period_start = month_start.period_start
    where contacts.plan_id is null
    group by
        contacts.manager_id,
        coalesce(contacts.primary_client_id, 'no client'),
        contacts.interaction_kind,
        contacts.interaction_group
),

final as (
    select
        'line' as row_kind,
        lines.*
    from lines
    union all
    select
        'unplanned',
        manager_id,
        client_id,
        interaction_kind,
        interaction_group,
        cast(null as {{ dbt.type_string() }}),
        cast(null as int),
        cast(null as bigint),
        0,
        0,
        unplanned_count,
        0,
        0,
        cast(null as bigint)
    from unplanned
)

select * from final
