with source as (
    {{ raw_versions('dolibarr', 'llx_actioncomm') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as event_id,
        {{ source_id('fk_action') }} as event_type_id,
        {{ source_id('fk_user_author') }} as author_id,
        coalesce({{ source_id('fk_user_action') }}, {{ source_id('fk_user_done') }})
            as responsible_id,
        {{ source_id('fk_soc') }} as third_party_id,
        {{ source_id('fk_contact') }} as contact_id,
        {{ text('label') }} as subject,
        {{ whole_number('percent') }} as percent_done,
        {{ whole_number('durationp') }} as planned_seconds,
        {{ whole_number('durationa') }} as actual_seconds,
        coalesce({{ flag('fulldayevent') }}, false) as is_all_day,
        {{ instant('datep', 'dolibarr') }} as start_at,
        {{ instant('datep2', 'dolibarr') }} as end_at,
        {{ instant('datea', 'dolibarr') }} as actual_start_at,
        {{ instant('datea2', 'dolibarr') }} as actual_end_at,
        coalesce({{ instant('datec', 'dolibarr') }}, {{ instant('datep', 'dolibarr') }})
            as entered_at,
        {{ local_time('tms') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [source_id('fk_action') ~ ' is null', 'fk_action is empty'],
            ['coalesce(' ~ text('datep') ~ ', ' ~ text('datec') ~ ') is null',
             'datep and datec are empty'],
            [text('percent') ~ ' is not null and ' ~ whole_number('percent') ~ ' is null',
             'percent is not a number'],
        ] + unreadable_dates(['datep', 'datep2', 'datea', 'datea2', 'datec', 'tms'])) }}
            as quarantine_reason
    from source
)

select * from renamed
