with source as (
    {{ raw_versions('hubspot', 'users') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as user_id,
        {{ source_id('primary_team_id') }} as team_id,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
