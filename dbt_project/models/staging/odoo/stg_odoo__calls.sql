with source as (
    {{ raw_versions('odoo', 'crm_phonecall') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ odoo_record('crm.phonecall') }} as interaction_id,
        {{ odoo_id('user_id') }} as responsible_id,
        {{ odoo_id('create_uid') }} as author_id,
        {{ odoo_id('partner_id') }} as partner_id,
        {{ odoo_id('opportunity_id') }} as lead_id,
        {{ odoo_id('categ_id') }} as category_id,
        {{ text('categ_id') }} as category_code,
        {{ text('name') }} as subject,
        lower({{ text('state') }}) as raw_status,
        cast(round({{ decimal_number('duration') }} * 60, 0) as bigint) as duration_seconds,
        coalesce({{ flag('active') }}, true) as is_active,
        {{ instant('date', 'odoo') }} as called_at,
        coalesce({{ instant('create_date', 'odoo') }}, least(
            {{ instant('date', 'odoo') }}, min(known_from) over (partition by _source, _key)
        )) as entered_at,
        {{ instant('write_date', 'odoo') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            ['coalesce(' ~ text('date') ~ ', ' ~ text('create_date') ~ ') is null',
             'date and create_date are empty'],
            [text('state') ~ ' is null', 'state is empty'],
            not_a_number('duration'),
        ] + unreadable_dates(['date', 'create_date', 'write_date'])) }} as quarantine_reason
    from source
)

select * from renamed
