-- grain: version of a call, claim or helpdesk request
with calls as (
    select * from {{ ref('stg_odoo__calls') }}
    where quarantine_reason is null
),

claims as (
    select * from {{ ref('stg_odoo__claims') }}
    where quarantine_reason is null
),

requests as (
    select * from {{ ref('stg_odoo__helpdesk_requests') }}
    where quarantine_reason is null
),

categories as (
    select * from {{ ref('stg_odoo__case_categories') }}
    where quarantine_reason is null and is_latest
),

stages as (
    select * from {{ ref('stg_odoo__claim_stages') }}
    where quarantine_reason is null and is_latest
),

cases as (
    select
        {{ versions('calls') }},
        calls.source_updated_at,
        calls.interaction_id,
        'crm.phonecall' as raw_type,
        -- The vendor's two categories, by name or by external id.
        case coalesce(categories.category, calls.category_code)
            when 'Inbound' then 'in'
            when 'crm.categ_phone1' then 'in'
            when 'Outbound' then 'out'
            when 'crm.categ_phone2' then 'out'
        end as direction,
        calls.subject,
        calls.responsible_id,
        calls.author_id,
        calls.raw_status,
        calls.is_active,
        calls.entered_at,
        calls.called_at,
        cast(null as timestamp) as closed_at,
        cast(null as timestamp) as deadline_local,
        calls.duration_seconds
    from calls
    left join categories on calls.category_id = categories.category_id
    union all
    select
        {{ versions('claims') }},
        claims.source_updated_at,
        claims.interaction_id,
        'crm.claim',
        'in',
        claims.subject,
        claims.responsible_id,
        claims.author_id,
        coalesce(stages.stage_name, claims.stage_code, 'New'),
        claims.is_active,
        claims.entered_at,
        null,
        claims.closed_at,
        claims.deadline_local,
        null
    from claims
    left join stages on claims.stage_id = stages.stage_id
    union all
    select
        {{ versions('requests') }},
        requests.source_updated_at,
        requests.interaction_id,
        'crm.helpdesk',
        'in',
        requests.subject,
        requests.responsible_id,
        requests.author_id,
        requests.raw_status,
        requests.is_active,
        requests.entered_at,
        null,
        requests.closed_at,
        requests.deadline_local,
        null
    from requests
),

stated as (
    select
        cases.*,
        principals.client_id,
        statuses.state as listed_state,
        coalesce(statuses.state, 'open') as state
    from cases
    left join {{ ref('interaction_statuses') }} as statuses
        on
            statuses.crm = 'odoo'
            and cases.raw_status = statuses.raw_status
            and {{ valid_at('statuses', 'cases.entered_at') }}
    left join {{ ref('odoo__principals') }} as principals
        on
            cases.interaction_id = principals.interaction_id
            and cases.known_from = principals.known_from
),

final as (
    select
        known_from,
        known_to,
        is_latest,
        is_baseline,
        loaded_at,
        source_updated_at,
        interaction_id,
        case when raw_type = 'crm.phonecall' then 'call' else 'task' end as interaction_kind,
        raw_type,
        direction,
        subject,
        responsible_id as responsible_manager_id,
        author_id as created_by_id,
        client_id,
        entered_at as created_at,
        called_at as planned_start_at,
        cast(null as timestamp) as planned_end_at,
        -- A call that was held before its time began nobody knows when.
        case when state = 'completed' and called_at <= known_from then called_at end
            as actual_start_at,
        cast(null as timestamp) as actual_end_at,
        {{ from_business('deadline_local') }} as deadline_at,
        deadline_local is not null as deadline_is_date,
        state,
        case when state = 'completed' then coalesce(closed_at, called_at) end as completed_at,
        case when closed_at is null then 'inferred' else 'field' end as completed_at_source,
        case when state = 'cancelled' then closed_at end as cancelled_at,
        false as is_all_day,
        case when state = 'completed' then nullif(duration_seconds, 0) end as duration_seconds,
        case when raw_type = 'crm.claim' and state = 'completed' then raw_status end as result,
        false as is_auto,
        not is_active as is_deleted,
        listed_state
    from stated
)

select * from final
