with source as (
    {{ raw_versions('odoo', 'crm_helpdesk') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ odoo_record('crm.helpdesk') }} as interaction_id,
        {{ odoo_id('user_id') }} as responsible_id,
        {{ odoo_id('create_uid') }} as author_id,
        {{ odoo_id('partner_id') }} as partner_id,
        {{ text('name') }} as subject,
        lower({{ text('state') }}) as raw_status,
        coalesce({{ flag('active') }}, true) as is_active,
        {{ local_time('date_deadline') }} as deadline_local,
        {{ instant('date', 'odoo') }} as made_at,
        {{ instant('date_closed', 'odoo') }} as closed_at,
        coalesce({{ instant('create_date', 'odoo') }}, least(
            {{ instant('date', 'odoo') }}, min(known_from) over (partition by _source, _key)
        )) as entered_at,
        {{ instant('write_date', 'odoo') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            ['coalesce(' ~ text('date') ~ ', ' ~ text('create_date') ~ ') is null',
             'date and create_date are empty'],
            [text('state') ~ ' is null', 'state is empty'],
        ] + unreadable_dates(
            ['date', 'date_deadline', 'date_closed', 'create_date', 'write_date']
        )) }} as quarantine_reason
    from source
)

select * from renamed
