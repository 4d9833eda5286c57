-- grain: user version
with users as (
    select
        *,
        min(known_from) over (partition by user_id) as first_known_from,
        -- Since when inactive, unmoved by later edits; meaningless while the user is active.
        max(case when is_active then known_to end) over (
            partition by user_id order by known_from
        ) as last_seen_active_until
    from {{ ref('stg_bitrix24__users') }}
    where quarantine_reason is null
),

departments as (
    select * from {{ ref('stg_bitrix24__departments') }}
    where quarantine_reason is null and is_latest
),

final as (
    select
        {{ versions('users') }},
        users.user_id as manager_id,
        users.full_name,
        departments.department_name as team,
        -- Who heads the department reports to the head of the one above.
        coalesce(
            nullif(departments.head_id, users.user_id), nullif(parents.head_id, users.user_id)
        ) as head_manager_id,
        users.hired_on,
        case
            when not users.is_active
                then cast({{ to_business(
                    'coalesce(users.last_seen_active_until, users.first_known_from)'
                ) }} as date)
        end as left_on,
        coalesce(users.user_type, '') = 'bot' as is_robot,
        false as is_deleted
    from users
    left join departments on users.department_id = departments.department_id
    left join departments as parents
        on departments.parent_department_id = parents.department_id
)

select * from final
