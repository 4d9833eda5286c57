with source as (
    {{ raw_versions('plain_files', 'clients') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('client_id') }} as client_id,
        {{ file_id('parent_client_id') }} as parent_client_id,
        {{ file_id('responsible_manager_id') }} as responsible_manager_id,
        {{ text('client_name') }} as client_name,
        coalesce({{ text('client_kind') }}, 'organisation') as client_kind,
        {{ text('region') }} as region,
        {{ text('city') }} as city,
        {{ text('industry') }} as industry,
        {{ text('client_class') }} as client_class,
        {{ text('source_channel') }} as source_channel,
        {{ text('tax_id') }} as tax_id,
        coalesce({{ flag('is_client') }}, true) as is_client,
        coalesce({{ flag('do_not_contact') }}, false) as do_not_contact,
        coalesce({{ flag('is_test') }}, false) as is_test,
        coalesce({{ flag('is_migrated') }}, false) as is_migrated,
        coalesce({{ flag('is_deleted') }}, false) as is_deleted,
        {{ instant('registered_at', 'plain_files') }} as registered_at,
        {{ instant('archived_at', 'plain_files') }} as archived_at,
        {{ instant('source_updated_at', 'plain_files') }} as source_updated_at,
        {{ further_characteristics('plain_files') }} as custom,
        {{ quarantine_reason([
            [text('client_id') ~ ' is null', 'client_id is empty'],
            [text('client_name') ~ ' is null', 'client_name is empty'],
            not_among('client_kind', ['organisation', 'person']),
            not_a_flag('is_client'),
            not_a_flag('do_not_contact'),
            not_a_flag('is_test'),
            not_a_flag('is_migrated'),
            not_a_flag('is_deleted'),
        ] + unreadable_dates([
            'registered_at', 'archived_at', 'source_updated_at',
        ])) }} as quarantine_reason
    from source
)

select * from renamed
