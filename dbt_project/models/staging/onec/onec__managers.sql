-- grain: user version
with users as (
    select * from {{ ref('stg_onec__users') }}
    where quarantine_reason is null
),

departments as (
    select
        {{ versions('departments', ['department_id']) }},
        departments.department_id,
        departments.department_name,
        departments.head_user_id
    from {{ ref('stg_onec__departments') }} as departments
    where departments.quarantine_reason is null
),

final as (
    select
        {{ versions('users', ['user_id']) }},
        users.user_id as manager_id,
        users.full_name,
        departments.department_name as team,
        departments.head_user_id as head_manager_id,
        users.hired_on,
        users.left_on,
        coalesce(users.is_service, false) as is_robot,
        coalesce(users.is_deleted, false) as is_deleted
    from users
    left join departments
        on users.department_id = departments.department_id and departments.is_latest
)

select * from final
