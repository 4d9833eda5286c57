-- grain: month, contact and, where lines of clients take it, client
with months as (
    select * from {{ ref('int_months') }}
),

survivors as (
    select * from {{ ref('int_clients__survivors') }}
),

contacts as (
    select
        months.period_start,
        months.end_at,
        interactions.interaction_id,
        interactions.interaction_kind,
        interactions.interaction_group,
        interactions.performer_id,
        survivors.surviving_client_id as primary_client_id,
        cast({{ to_business('interactions.event_at') }} as date) as event_date
    from {{ ref('int_interactions__classified') }} as interactions
    inner join months
        on
            interactions.event_at >= months.start_at
            and interactions.event_at < months.end_at
    left join survivors
        on
            interactions.client_id = survivors.client_id
            and {{ valid_before('survivors', 'months.end_at') }}
    where interactions.is_contact
),

targets as (
    -- A contact may serve a line of each client that took part, or one for any client.
    select
        contacts.*,
        survivors.surviving_client_id as client_id
    from contacts
    inner join {{ ref('int_interactions__clients') }} as parties
        on contacts.interaction_id = parties.interaction_id
    left join survivors
        on
            parties.client_id = survivors.client_id
            and {{ valid_before('survivors', 'contacts.end_at') }}
    union
    select
        contacts.*,
        'any'
    from contacts
),

fitting as (
    select
        targets.period_start,
        targets.interaction_id,
        targets.client_id,
        parts.plan_id,
        row_number() over (
            partition by targets.period_start, targets.interaction_id, targets.client_id
            order by
                case when parts.interaction_group is null then 2 else 1 end,
                case when parts.interaction_kind is null then 2 else 1 end,
                parts.plan_id
        ) as place
    from targets
    inner join {{ ref('int_plans__parts') }} as parts
        on
            targets.period_start = parts.period_start
            and targets.performer_id = parts.manager_id
            and targets.client_id = coalesce(parts.client_id, 'any')
            and targets.interaction_kind
            = coalesce(parts.interaction_kind, targets.interaction_kind)
            and targets.interaction_group
            = coalesce(parts.interaction_group, targets.interaction_group)
            and targets.event_date >= parts.first_day
            and targets.event_date < parts.end_day
),

matched as (
    select
        *,
        max(case when client_id = 'any' then 0 else 1 end) over (
            partition by period_start, interaction_id
        ) as is_taken_by_client
    from fitting
    where place = 1
),

final as (
    select
        contacts.period_start,
        contacts.interaction_id,
        contacts.interaction_kind,
        contacts.interaction_group,
        coalesce(contacts.performer_id, 'no manager') as manager_id,
        contacts.primary_client_id,
        matched.client_id,
        matched.plan_id
    from contacts
    left join matched
        on
            contacts.period_start = matched.period_start
            and contacts.interaction_id = matched.interaction_id
            and (matched.client_id = 'any') = (matched.is_taken_by_client = 0)
)

select * from final
