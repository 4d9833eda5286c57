-- The register with what has changed since each month was closed.
select
    register.*,
    owners.owner_now_id,
    present.responsible_now_id,
    coalesce(present.last_changed_at > periods.as_of, false) as is_edited_after_close,
    coalesce(present.is_deleted, true) as is_deleted_now
from marts.rpt_interaction_register as register
inner join marts.dim_periods as periods
    on
        register.period_kind = periods.period_kind
        and register.period_start = periods.period_start
left join marts.dim_interactions as present on register.interaction_id = present.interaction_id
left join marts.dim_clients as clients on register.client_id = clients.client_id
left join marts.dim_clients as owners on clients.surviving_client_id = owners.client_id
