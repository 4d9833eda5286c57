-- grain: interaction, as last known
with versions as (
    select
        interaction_id,
        crm,
        raw_type,
        result,
        cast({{ to_business('created_at') }} as date) as created_on
    from {{ ref('interaction_versions') }}
    where is_latest and {{ is_written() }}
),

-- Few types and days stand for many interactions.
types_of_days as (
    select distinct
        crm,
        raw_type,
        created_on
    from versions
),

types as (
    select
        types_of_days.crm,
        types_of_days.raw_type,
        types_of_days.created_on,
        type_names.interaction_kind,
        type_names.interaction_group,
        row_number() over (
            partition by types_of_days.crm, types_of_days.raw_type, types_of_days.created_on
            order by
                type_names.priority,
                case when type_names.crm = '*' then 2 else 1 end,
                type_names.valid_from nulls last
        ) as place
    from types_of_days
    inner join {{ ref('interaction_types') }} as type_names
        on
            types_of_days.raw_type = type_names.raw_type
            and type_names.crm in (types_of_days.crm, '*')
            and {{ valid_at('type_names', 'types_of_days.created_on') }}
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
        on
            versions.crm = types.crm
            and versions.raw_type = types.raw_type
            and versions.created_on = types.created_on
            and types.place = 1
    left join {{ ref('interaction_results') }} as result_names
        on
            versions.crm = result_names.crm
            and versions.result = result_names.raw_result
            and {{ valid_at('result_names', 'versions.created_on') }}
)

select * from final
