-- grain: task version
with contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
    where quarantine_reason is null and is_latest
),

tasks as (
    select
        {{ versions('staged') }},
        staged.source_updated_at,
        staged.task_id,
        staged.owner_id,
        staged.author_id,
        coalesce(staged.account_id, contacts.account_id) as account_id,
        staged.subject,
        staged.task_subtype,
        staged.task_type,
        staged.call_type,
        staged.call_disposition,
        staged.state,
        staged.talk_seconds,
        staged.due_on,
        {{ from_business('cast(staged.due_on as timestamp)') }} as due_at,
        staged.created_at,
        staged.completed_at,
        -- Entered when it was over already: a logged call, a sent e-mail. Its date is no deadline.
        coalesce(
            staged.state = 'completed'
            and staged.completed_at <= staged.created_at + interval '1' minute,
            false
        ) as is_logged,
        staged.is_deleted
    from {{ ref('stg_salesforce__tasks') }} as staged
    left join contacts on staged.contact_id = contacts.contact_id
    where staged.quarantine_reason is null and not staged.is_series
)

select
    known_from,
    known_to,
    is_baseline,
    source_updated_at,
    task_id as interaction_id,
    case
        when task_subtype = 'Call' or (call_type is not null and call_type <> 'Internal')
            then 'call'
        when task_subtype = 'Email' then 'email'
        when task_subtype = 'ListEmail' then 'mailing'
        when task_subtype = 'LinkedIn' then 'message'
        else 'task'
    end as interaction_kind,
    -- Salesforce itself sets the subtype of letters; else the type that the user picked says more.
    case
        when task_subtype in ('Email', 'ListEmail') then task_subtype
        when call_type = 'Internal' then 'Internal call'
        else coalesce(task_type, task_subtype, 'Task')
    end as raw_type,
    case call_type
        when 'Inbound' then 'in'
        when 'Outbound' then 'out'
    end as direction,
    subject,
    owner_id as responsible_manager_id,
    author_id as created_by_id,
    account_id as client_id,
    created_at,
    case when not is_logged then due_at end as planned_start_at,
    cast(null as timestamp) as planned_end_at,
    case
        when is_logged and due_on < cast({{ to_business('completed_at') }} as date) then due_at
    end as actual_start_at,
    case when not is_logged then due_at end as deadline_at,
    true as deadline_is_date,
    state,
    case when state = 'completed' then completed_at end as completed_at,
    'field' as completed_at_source,
    false as is_all_day,
    talk_seconds,
    cast(null as bigint) as duration_seconds,
    call_disposition as result,
    coalesce(task_subtype = 'ListEmail', false) as is_mass,
    cast(null as {{ dbt.type_string() }}) as group_id,
    is_deleted
from tasks
