-- Marts of models/marts/dimensions and models/marts/restricted.

-- grain: period
create table dim_periods as
select
    period_kind,
    period_start,
    period_end,
    close_month,
    case period_kind
        when 'week' then strftime(period_start, '%G-W%V')
        when 'month' then strftime(period_start, '%Y-%m')
        when 'quarter' then year(period_start) || '-Q' || quarter(period_start)
        else cast(year(period_start) as varchar)
    end as period_label,
    start_at,
    end_at,
    as_of,
    is_reconstructed
from periods;

-- grain: manager
create table dim_managers as
select
    manager_id,
    full_name as manager_name,
    team,
    null::varchar as head_manager_id,
    null::varchar as head_manager_name,
    null::date as hired_on,
    null::date as left_on,
    false as is_robot,
    false as is_deleted
from managers;

-- grain: client
create table dim_clients as
select
    clients.client_id,
    clients.client_id as surviving_client_id,
    owners.manager_id as owner_now_id,
    null::varchar as parent_client_id,
    clients.client_kind,
    clients.client_class,
    clients.region,
    null::varchar as city,
    clients.industry,
    clients.source_channel,
    true as is_client,
    clients.do_not_contact,
    false as is_test,
    false as is_migrated,
    false as is_deleted,
    clients.registered_at,
    clients.archived_at
from clients
left join owners
    on
        clients.client_id = owners.client_id
        and owners.valid_from <= getvariable('as_of')
        and coalesce(owners.valid_to, timestamp '9999-12-31') > getvariable('as_of');

-- grain: interaction that changed since the month began, as all did that one load brought
create table dim_interactions as
select
    interaction_id,
    responsible_manager_id as responsible_now_id,
    completed_at,
    cancelled_at,
    deadline_at,
    false as is_deleted,
    known_from as last_changed_at,
    getvariable('close_month') as close_month
from interactions
where known_from >= getvariable('close_month');

-- grain: client
create table client_names as
select
    client_id,
    client_name,
    null::varchar as tax_id
from clients;

-- grain: contact person
create table contact_person_details as
select
    'crm:' || person_id as person_id,
    full_name,
    email,
    null::varchar as phone
from read_parquet(getvariable('landed') || 'contact_persons.parquet');

-- grain: interaction that changed since the month began
create table interaction_subjects as
select
    'crm:' || interaction_id as interaction_id,
    subject,
    getvariable('close_month') as close_month
from read_parquet(getvariable('landed') || 'interactions.parquet');
