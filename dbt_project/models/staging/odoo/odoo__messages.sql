-- grain: message version
with messages as (
    select * from {{ ref('stg_odoo__messages') }}
    where quarantine_reason is null
),

-- What a message may stand under.
records as (
    {%- for model, record_column, responsible_column in [
        ('stg_odoo__leads', 'record', 'salesperson_id'),
        ('stg_odoo__partners', 'record', 'salesperson_id'),
        ('stg_odoo__calls', 'interaction_id', 'responsible_id'),
        ('stg_odoo__claims', 'interaction_id', 'responsible_id'),
        ('stg_odoo__helpdesk_requests', 'interaction_id', 'responsible_id'),
    ] %}
        select
            {{ record_column }} as record,
            partner_id,
            {{ responsible_column }} as responsible_id
        from {{ ref(model) }}
        where quarantine_reason is null and is_latest
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

partners as (
    select * from {{ ref('odoo__partners') }}
),

final as (
    select
        {{ versions('messages') }},
        messages.source_updated_at,
        messages.interaction_id,
        case when messages.message_type = 'email' then 'email' else 'note' end as interaction_kind,
        messages.message_type as raw_type,
        case
            when messages.message_type <> 'email' then null
            when authors.party_kind = 'manager' then 'out'
            when authors.party_kind in ('client', 'person') then 'in'
            -- Odoo knows the author of every e-mail but those of strangers.
            when messages.author_id is null and messages.email_from is not null then 'in'
        end as direction,
        messages.subject,
        coalesce(authors.user_id, principals.manager_id, records.responsible_id)
            as responsible_manager_id,
        authors.user_id as created_by_id,
        coalesce(principals.known_client_id, record_partners.client_id, principals.client_id)
            as client_id,
        messages.sent_at as created_at,
        cast(null as timestamp) as planned_start_at,
        cast(null as timestamp) as planned_end_at,
        messages.sent_at as actual_start_at,
        cast(null as timestamp) as actual_end_at,
        cast(null as timestamp) as deadline_at,
        false as deadline_is_date,
        'completed' as state,
        messages.sent_at as completed_at,
        'field' as completed_at_source,
        cast(null as timestamp) as cancelled_at,
        false as is_all_day,
        cast(null as bigint) as duration_seconds,
        cast(null as {{ dbt.type_string() }}) as result,
        messages.message_type <> 'email' as is_auto,
        false as is_deleted
    from messages
    left join partners as authors on messages.author_id = authors.partner_id
    left join {{ ref('odoo__principals') }} as principals
        on
            messages.interaction_id = principals.interaction_id
            and messages.known_from = principals.known_from
    left join records on messages.record = records.record
    left join partners as record_partners on records.partner_id = record_partners.partner_id
)

select * from final
