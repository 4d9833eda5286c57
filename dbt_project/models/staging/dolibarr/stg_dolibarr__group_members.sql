with source as (
    {{ raw_versions('dolibarr', 'llx_usergroup_user') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('fk_user') }} as user_id,
        {{ source_id('fk_usergroup') }} as group_id,
        {{ whole_number('fk_usergroup') }} as group_number,
        {{ quarantine_reason([
            [source_id('fk_user') ~ ' is null', 'fk_user is empty'],
            [whole_number('fk_usergroup') ~ ' is null', 'fk_usergroup is not a number'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
