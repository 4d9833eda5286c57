-- grain: owner version
with owners as (
    select
        *,
        min(known_from) over (partition by owner_id) as first_known_from,
        -- Since when disabled, unmoved by later edits; meaningless while the owner is not.
        max(case when not is_disabled then known_to end) over (
            partition by owner_id order by known_from
        ) as last_seen_enabled_until
    from {{ ref('stg_hubspot__owners') }}
    where quarantine_reason is null
),

users as (
    select * from {{ ref('stg_hubspot__users') }}
    where quarantine_reason is null and is_latest
),

memberships as (
    select
        owner_teams.owner_id,
        teams.team_name,
        row_number() over (
            partition by owner_teams.owner_id
            order by case when owner_teams.is_primary then 1 else 2 end, owner_teams.team_id
        ) as place
    from {{ ref('stg_hubspot__owner_teams') }} as owner_teams
    inner join {{ ref('stg_hubspot__teams') }} as teams
        on owner_teams.team_id = teams.team_id and teams.is_latest
    where
        owner_teams.quarantine_reason is null
        and owner_teams.is_latest
        and owner_teams.known_to is null
        and not owner_teams.is_deleted
        and teams.quarantine_reason is null
),

final as (
    select
        {{ versions('owners') }},
        owners.source_updated_at,
        owners.owner_id as manager_id,
        owners.full_name,
        coalesce(memberships.team_name, user_teams.team_name) as team,
        case
            when owners.is_disabled
                then cast({{ to_business(
                    'coalesce(owners.last_seen_enabled_until, owners.first_known_from)'
                ) }} as date)
        end as left_on,
        false as is_robot,
        owners.is_deleted
    from owners
    left join memberships on owners.owner_id = memberships.owner_id and memberships.place = 1
    left join users on owners.user_id = users.user_id
    left join {{ ref('stg_hubspot__teams') }} as user_teams
        on
            users.team_id = user_teams.team_id
            and user_teams.is_latest
            and user_teams.quarantine_reason is null
)

select * from final
