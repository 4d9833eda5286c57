-- grain: client, tag and stretch of time in which the loads showed it
with tags as (
    select
        partner_id,
        known_from,
        known_to,
        is_baseline,
        _source,
        {{ split_list('category_list', ';') }} as native_id
    from {{ ref('stg_odoo__partners') }}
    where quarantine_reason is null
),

marked as (
    -- A version that shows the same tag goes on with the stretch before it.
    select
        *,
        case
            when lag(known_to) over (
                partition by partner_id, native_id order by known_from
            ) = known_from then 0
            else 1
        end as is_start
    from tags
    where native_id <> ''
),

numbered as (
    select
        *,
        sum(is_start) over (partition by partner_id, native_id order by known_from)
            as stretch_number
    from marked
),

stretches as (
    select
        partner_id,
        _source || ':' || native_id as category_id,
        min(known_from) as known_from,
        case when count(*) = count(known_to) then max(known_to) end as known_to,
        max(case when is_baseline then 1 else 0 end) = 1 as is_baseline
    from numbered
    group by partner_id, _source, native_id, stretch_number
),

categories as (
    select * from {{ ref('stg_odoo__partner_categories') }}
    where quarantine_reason is null and is_latest
),

clients as (
    select partner_id from {{ ref('odoo__partners') }}
    where party_kind = 'client'
),

final as (
    select
        stretches.known_from,
        stretches.known_to,
        true as is_latest,
        stretches.is_baseline,
        stretches.known_from as loaded_at,
        stretches.partner_id as client_id,
        'category' as characteristic,
        -- A tag that the list lacks is shown by its id.
        coalesce(categories.category, stretches.category_id) as value,
        case when not stretches.is_baseline then stretches.known_from end as valid_from,
        stretches.known_to as valid_to,
        false as is_deleted
    from stretches
    inner join clients on stretches.partner_id = clients.partner_id
    left join categories on stretches.category_id = categories.category_id
)

select * from final
