with source as (
    {{ raw_versions('odoo', 'calendar_event') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ odoo_record('calendar.event') }} as interaction_id,
        {{ odoo_id('user_id') }} as responsible_id,
        {{ odoo_id('create_uid') }} as author_id,
        {{ odoo_list('partner_ids') }} as partner_list,
        {{ text('name') }} as subject,
        cast(round({{ decimal_number('duration') }} * 3600, 0) as bigint) as duration_seconds,
        coalesce({{ flag('allday') }}, false) as is_all_day,
        coalesce({{ flag('active') }}, true) as is_active,
        {{ local_time('start') }} as start_local,
        {{ local_time('stop') }} as stop_local,
        {{ instant('start', 'odoo') }} as start_at,
        {{ instant('stop', 'odoo') }} as stop_at,
        coalesce({{ instant('create_date', 'odoo') }}, least(
            {{ instant('start', 'odoo') }}, min(known_from) over (partition by _source, _key)
        )) as entered_at,
        {{ instant('write_date', 'odoo') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [text('start') ~ ' is null', 'start is empty'],
            not_a_number('duration'),
        ] + unreadable_dates(['start', 'stop', 'create_date', 'write_date'])) }}
            as quarantine_reason
    from source
)

select * from renamed
