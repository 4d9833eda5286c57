-- grain: engagement or ticket version, of all tables in one shape
{%- set kinds = [
    ['stg_hubspot__meetings', 'meeting', 'MEETING'],
    ['stg_hubspot__calls', 'call', 'CALL'],
    ['stg_hubspot__emails', 'email', 'EMAIL'],
    ['stg_hubspot__communications', 'message', 'COMMUNICATION'],
    ['stg_hubspot__tasks', 'task', 'TASK'],
    ['stg_hubspot__notes', 'note', 'NOTE'],
] %}
{%- set own = {
    'meeting': {
        'activity_type': 'activity_type',
        'subject': 'subject',
        'occurred_at': 'coalesce(start_at, timestamp_at)',
        'end_at': 'end_at',
        'state': 'state',
    },
    'call': {
        'activity_type': 'activity_type',
        'subject': 'subject',
        'direction': 'direction',
        'occurred_at': 'timestamp_at',
        'state': 'state',
        'call_status': 'call_status',
        'result': 'disposition',
        'talk_seconds': 'talk_seconds',
    },
    'email': {
        'activity_type': 'email_type',
        'subject': 'subject',
        'occurred_at': 'timestamp_at',
        'state': 'state',
    },
    'message': {'activity_type': 'channel', 'occurred_at': 'timestamp_at'},
    'task': {
        'activity_type': "'TASK ' || task_type",
        'subject': 'subject',
        'deadline_at': 'timestamp_at',
        'state': "coalesce(state, case when completed_at is null then 'open' else 'completed' end)",
        'completed_at': 'completed_at',
    },
    'note': {'occurred_at': 'timestamp_at'},
} %}
{%- set text_type = dbt.type_string() %}
{%- set columns = {
    'activity_type': text_type, 'subject': text_type, 'direction': text_type,
    'occurred_at': 'timestamp', 'end_at': 'timestamp', 'deadline_at': 'timestamp',
    'state': text_type, 'completed_at': 'timestamp', 'call_status': text_type,
    'result': text_type, 'talk_seconds': 'bigint',
} %}

with engagements as (
    {%- for model, kind, hubspot_type in kinds %}
        select
            {{ versions('activities') }},
            activities._source,
            activities.engagement_id as activity_id,
            activities.engagement_id,
            '{{ kind }}' as activity_kind,
            '{{ hubspot_type }}' as hubspot_type,
            activities.owner_id,
            activities.created_by_user_id,
            activities.entered_at,
            activities.source_updated_at,
            activities.is_deleted,
            {%- for column, type in columns.items() %}
                cast({{ own[kind].get(column, 'null') }} as {{ type }}) as {{ column }},
            {%- endfor %}
            min(activities.known_from) over (partition by activities._source, activities._key)
                as first_known_from
        from {{ ref(model) }} as activities
        where activities.quarantine_reason is null
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

tickets as (
    select
        {{ versions('tickets') }},
        tickets._source,
        tickets.ticket_id as activity_id,
        cast(null as {{ text_type }}) as engagement_id,
        'task' as activity_kind,
        'TICKET' as hubspot_type,
        tickets.owner_id,
        tickets.created_by_user_id,
        tickets.entered_at,
        tickets.source_updated_at,
        tickets.is_deleted,
        'TICKET' || coalesce(' ' || tickets.category, '') as activity_type,
        tickets.subject,
        cast(null as {{ text_type }}) as direction,
        cast(null as timestamp) as occurred_at,
        cast(null as timestamp) as end_at,
        tickets.deadline_at,
        case when tickets.closed_at is null then 'open' else 'completed' end as state,
        tickets.closed_at as completed_at,
        cast(null as {{ text_type }}) as call_status,
        cast(null as {{ text_type }}) as result,
        cast(null as bigint) as talk_seconds,
        min(tickets.known_from) over (partition by tickets._source, tickets._key)
            as first_known_from
    from {{ ref('stg_hubspot__tickets') }} as tickets
    where tickets.quarantine_reason is null
)

select * from engagements
union all
select * from tickets
