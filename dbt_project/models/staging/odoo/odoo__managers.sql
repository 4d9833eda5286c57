-- grain: version of a user, or of the employee record of a user that was not delivered
with users as (
    select
        *,
        min(known_from) over (partition by user_id) as first_known_from,
        -- Since when disabled, unmoved by later edits; meaningless while the user is not.
        max(case when is_active then known_to end) over (
            partition by user_id order by known_from
        ) as last_seen_active_until
    from {{ ref('stg_odoo__users') }}
    where quarantine_reason is null and not is_portal
),

employees as (
    select
        *,
        row_number() over (partition by user_id order by employee_id) as place
    from {{ ref('stg_odoo__employees') }}
    where quarantine_reason is null and is_latest
),

member_lists as (
    select
        team_id,
        team,
        _source,
        {{ split_list('member_list', ';') }} as native_id
    from {{ ref('stg_odoo__teams') }}
    where quarantine_reason is null and is_latest and key_known_to is null and team is not null
),

members as (
    select
        team_id,
        team,
        _source || ':' || native_id as user_id
    from member_lists
),

teams as (
    select
        members.user_id,
        members.team,
        row_number() over (
            partition by members.user_id
            order by
                case when members.team_id = users.chosen_team_id then 1 else 2 end,
                members.team_id
        ) as place
    from members
    left join users on members.user_id = users.user_id and users.is_latest
),

known_users as (
    select
        {{ versions('users') }},
        users.user_id as manager_id,
        coalesce(
            users.given_name, partners.partner_name, employees.employee_name, users.user_login
        ) as full_name,
        case
            when not users.is_active
                then cast({{ to_business(
                    'coalesce(users.last_seen_active_until, users.first_known_from)'
                ) }} as date)
        end as left_on
    from users
    left join {{ ref('odoo__partners') }} as partners on users.partner_id = partners.partner_id
    left join employees on users.user_id = employees.user_id and employees.place = 1
    where coalesce(partners.party_kind, 'manager') = 'manager'
),

other_users as (
    -- An employee's user exists, though the extract has no row of it.
    select
        {{ versions('employees') }},
        employees.user_id as manager_id,
        coalesce(employees.employee_name, employees.user_id) as full_name,
        cast(null as date) as left_on
    from employees
    left join {{ ref('stg_odoo__users') }} as listed on employees.user_id = listed.user_id
    where employees.place = 1 and employees.user_id is not null and listed.user_id is null
),

all_users as (
    select * from known_users
    union all
    select * from other_users
),

final as (
    select
        all_users.*,
        teams.team,
        superiors.user_id as head_manager_id,
        false as is_robot,
        false as is_deleted
    from all_users
    left join teams on all_users.manager_id = teams.user_id and teams.place = 1
    left join employees on all_users.manager_id = employees.user_id and employees.place = 1
    left join employees as superiors on employees.superior_id = superiors.employee_id
)

select * from final
