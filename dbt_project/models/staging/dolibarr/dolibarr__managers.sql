-- grain: user version
with users as (
    select
        *,
        min(known_from) over (partition by user_id) as first_known_from,
        -- Since when disabled, unmoved by later edits; meaningless while the user is not.
        max(case when not is_disabled then known_to end) over (
            partition by user_id order by known_from
        ) as last_seen_enabled_until
    from {{ ref('stg_dolibarr__users') }}
    where quarantine_reason is null
),

memberships as (
    select
        members.user_id,
        user_groups.group_name,
        row_number() over (partition by members.user_id order by members.group_number) as place
    from {{ ref('stg_dolibarr__group_members') }} as members
    inner join {{ ref('stg_dolibarr__groups') }} as user_groups
        on members.group_id = user_groups.group_id and user_groups.is_latest
    where
        members.quarantine_reason is null
        and members.is_latest
        and members.known_to is null
        and user_groups.quarantine_reason is null
),

final as (
    select
        {{ versions('users') }},
        users.user_id as manager_id,
        users.full_name,
        memberships.group_name as team,
        users.superior_id as head_manager_id,
        users.hired_on,
        case
            when users.left_on is not null then users.left_on
            when users.is_disabled
                then cast({{ to_business(
                    'coalesce(users.last_seen_enabled_until, users.first_known_from)'
                ) }} as date)
        end as left_on,
        false as is_robot,
        false as is_deleted
    from users
    left join memberships on users.user_id = memberships.user_id and memberships.place = 1
)

select * from final
