-- grain: interaction, as last known
with versions as (
    select
        interaction_id,
        crm,
        raw_type,
        result,
        cast({{ to_business('created_at') }} as date) as created_on
    from {{ ref('interaction_versions') }}
    where is_latest
),

types as (
    select
        versions.interaction_id,
        type_names.interaction_kind,
        type_names.interaction_group,
        row_number() over (
            partition by versions.interaction_id
            order by
                type_names.priority,
                case when type_names.crm = '*' then 2 else 1 end,
                type_names.valid_from nulls last
        ) as place
    from versions
    inner join {{ ref('interaction_types') }} as type_names
        on
            versions.raw_type = type_names.raw_type
            and type_names.crm in (versions.crm, '*')
            and {{ valid_at('type_names', 'versions.created_on') }}
),

final as (
    select
        versions.interaction_id,
        types.interaction_kind,
        types.interaction_group,
        case
            when versions.result is null then 'none'
            else coalesce(result_names.result_class, 'unmapped')
        end as result_class
    from versions
    left join types
        on versions.interaction_id = types.interaction_id and types.place = 1
    left join {{ ref('interaction_results') }} as result_names
        on
            versions.crm = result_names.crm
            and versions.result = result_names.raw_result
            and {{ valid_at('result_names', 'versions.created_on') }}
)

select * from final
