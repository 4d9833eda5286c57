with source as (
    {{ raw_versions('hubspot', 'team') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as team_id,
        {{ hubspot_text('name') }} as team_name,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
