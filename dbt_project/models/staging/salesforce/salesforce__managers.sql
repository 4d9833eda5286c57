-- grain: user version
with users as (
    select
        *,
        not is_active or is_deleted as has_left,
        min(known_from) over (partition by user_id) as first_known_from,
        -- Since when gone, unmoved by later edits; meaningless while the user is not.
        max(case when is_active and not is_deleted then known_to end) over (
            partition by user_id order by known_from
        ) as last_seen_active_until
    from {{ ref('stg_salesforce__users') }}
    where quarantine_reason is null
),

user_roles as (
    select
        {{ versions('staged') }},
        staged.role_id,
        staged.role_name
    from {{ ref('stg_salesforce__user_roles') }} as staged
    where staged.quarantine_reason is null
),

final as (
    select
        {{ versions('users') }},
        users.source_updated_at,
        users.user_id as manager_id,
        users.full_name,
        user_roles.role_name as team,
        users.superior_id as head_manager_id,
        case
            when users.has_left
                then cast({{ to_business(
                    'coalesce(users.last_seen_active_until, users.first_known_from)'
                ) }} as date)
        end as left_on,
        users.is_robot,
        users.is_deleted
    from users
    left join user_roles on users.role_id = user_roles.role_id and user_roles.is_latest
)

select * from final
