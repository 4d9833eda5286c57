with source as (
    {{ raw_versions('odoo', 'mail_message') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ odoo_record('mail.message') }} as interaction_id,
        {{ odoo_id('author_id') }} as author_id,
        {{ odoo_list('partner_ids') }} as recipient_list,
        _source || ':' || {{ text('model') }} || ',' || {{ text('res_id') }} as record,
        lower({{ text('type') }}) as message_type,
        {{ text('subject') }} as subject,
        {{ text('email_from') }} as email_from,
        {{ instant('date', 'odoo') }} as sent_at,
        {{ instant('write_date', 'odoo') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [text('type') ~ ' is null', 'type is empty'],
            [text('date') ~ ' is null', 'date is empty'],
        ] + unreadable_dates(['date', 'write_date'])) }} as quarantine_reason
    from source
)

select * from renamed
