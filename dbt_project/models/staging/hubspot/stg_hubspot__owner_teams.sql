with source as (
    {{ raw_versions('hubspot', 'owner_team') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('owner_id') }} as owner_id,
        {{ source_id('team_id') }} as team_id,
        coalesce({{ flag('is_team_primary') }}, false) as is_primary,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ quarantine_reason([
            [source_id('owner_id') ~ ' is null', 'owner_id is empty'],
            [source_id('team_id') ~ ' is null', 'team_id is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
