-- A CRM at scale. Variables: interactions, clients, managers, opened and ended (first and last moment of its
-- history), late_share; of each load: extracted_at and since (when the one before was).

-- A number from 0 to 1, drawn for a row.
create macro u(i, salt) as (hash(i * 1000003 + salt) % 4294967291) / 4294967291e0;

-- One of several, the first ones more often.
create macro pick(texts, x) as texts[1 + floor(power(x, 1.6) * len(texts))::int];

-- Two clients of five were there before the data, the others come evenly.
create macro registered(client) as case
    when client < getvariable('clients') * 4e-1 then getvariable('opened') - interval 1 day * (1 + client % 700)
    else getvariable('opened') + to_seconds(floor(
        (client - getvariable('clients') * 4e-1) / (getvariable('clients') * 6e-1)
        * epoch(getvariable('ended') - getvariable('opened'))
    ))
end;

create macro manager_of(client) as 'm' || floor(power(u(client, 11), 1.4) * getvariable('managers'))::int;

create macro is_new(moment) as moment > getvariable('since') and moment <= getvariable('extracted_at');

create view managers as
select 'm' || i as manager_id, 'Manager ' || i as full_name, 'Team ' || (i // 10) as team
from range(getvariable('managers')) as managers (i);

create view all_clients as
select
    i,
    'c' || i as client_id,
    'Client ' || i as client_name,
    case when u(i, 1) < 0.8 then 'organisation' else 'person' end as client_kind,
    registered(i)::timestamp as registered_at,
    case when u(i, 2) < 0.06 then least(
        registered(i) + interval 1 day * floor(60 + 900 * u(i, 3))::int,
        getvariable('ended') + interval 30 day
    )::timestamp end as archived_at,
    manager_of(i) as responsible_manager_id,
    pick(['North', 'South', 'East', 'West', 'Centre', 'Islands', 'Coast', 'Hills'], u(i, 4)) as region,
    pick(['Retail', 'Food', 'Machines', 'Build', 'Health', 'Transport', 'Public'], u(i, 5)) as industry,
    pick(['C', 'B', 'A'], u(i, 6)) as client_class,
    pick(['Site', 'Fair', 'Advice', 'Call', 'Partner'], u(i, 7)) as source_channel,
    u(i, 8) < 0.01 as do_not_contact
from range(getvariable('clients')) as clients (i);

create view clients as
select * exclude (i, archived_at), case when archived_at <= getvariable('extracted_at') then archived_at end as archived_at
from all_clients
where is_new(registered_at) or is_new(archived_at);

-- A tenth of the clients came to another manager once.
create view all_assignments as
with moved as (
    select i, registered_at + to_seconds(floor(u(i, 22) * epoch(getvariable('ended') - registered_at))) as moved_at
    from all_clients
    where u(i, 21) < 0.1
)
select
    'c' || i as client_id, manager_of(i + 7) as manager_id, 'main' as assignment_role,
    registered(i)::timestamp as valid_from, moved_at::timestamp as valid_to
from moved
union all
select client_id, responsible_manager_id, 'main', coalesce(moved_at, registered_at)::timestamp, null
from all_clients
left join moved using (i);

create view client_assignments as
select * replace (case when valid_to <= getvariable('extracted_at') then valid_to end as valid_to)
from all_assignments
where is_new(valid_from) or is_new(valid_to);

create view all_persons as
select 'p' || i as person_id, i % getvariable('clients') as client, i
from range(getvariable('clients') * 3 // 2) as persons (i);

create view contact_persons as
select person_id, 'Person ' || i as full_name, i || '@example.com' as email
from all_persons
where is_new(registered(client));

create view client_contact_persons as
select
    'c' || client as client_id, person_id,
    pick(['Buyer', 'Director', 'Accountant', 'Engineer'], u(i, 31)) as position,
    pick(['decision maker', 'user', 'influencer'], u(i, 32)) as role,
    null::timestamp as valid_from
from all_persons
where is_new(registered(client));

-- Interactions as they end up, each with the moments at which the CRM's row changes.
create table events as
with drawn as (
    -- Numbers grow with time. A client is wanted the more, the lower its rank; ranks are strewn over all ids.
    select
        i,
        floor(power(u(i, 42), 2) * getvariable('clients'))::bigint * 48271 % getvariable('clients') as wanted,
        date_trunc('day', getvariable('opened') + to_seconds(floor(
            (i + u(i, 41) * getvariable('interactions') / 400) / (getvariable('interactions') * 1.0025)
            * epoch(getvariable('ended') - getvariable('opened'))
        ))) as drawn_day
    from range(getvariable('interactions')) as interactions (i)
),

seasonal as (
    -- Of the dead of the season, a third waits for its height.
    select i, wanted, case
        when month(drawn_day) in (1, 7, 8) and u(i, 46) < 0.3
            then least(drawn_day + interval 60 day, getvariable('ended') - interval 2 day)
        else drawn_day
    end as entered_day
    from drawn
),

entered as (
    -- Weekends move to the days after.
    select i, wanted, least(
        case
            when dayofweek(entered_day) in (0, 6) and u(i, 43) < 0.9
                then entered_day + interval 1 day * ((8 - dayofweek(entered_day)) % 7 + floor(3 * u(i, 40))::int)
            else entered_day
        end + to_seconds(floor(3600 * (8 + 5 * (u(i, 44) + u(i, 45))))),
        getvariable('ended') - interval 1 second
    ) as entered_at
    from seasonal
),

classified as (
    select
        i, entered_at,
        case
            when registered(wanted) <= entered_at then wanted
            else wanted % floor(getvariable('clients') * 4e-1)::bigint
        end as client,
        pick(['call', 'email', 'meeting', 'task', 'message', 'visit', 'note'], u(i, 47)) as kind,
        entered_at >= getvariable('ended') - interval 30 day and u(i, 48) < getvariable('late_share') as is_late
    from entered
),

planned as (
    select *, case
        when is_late then entered_at - interval 1 day * floor(40 + 140 * u(i, 49))::int
        when kind in ('meeting', 'visit', 'task') then entered_at + interval 1 day * floor(12 * u(i, 49))::int
        else entered_at
    end as start_at
    from classified
)

select
    *,
    case
        when kind in ('meeting', 'visit', 'task') and u(i, 50) < 0.08 then 'cancelled'
        when kind = 'task' and u(i, 50) < 0.2 then 'open'
        else 'completed'
    end as state,
    greatest(entered_at, start_at + case
        when kind = 'task' then interval 1 hour * floor(150 * u(i, 51))::int
        else interval 40 minute
    end) as closed_at,
    case when u(i, 52) < 0.2 then entered_at + interval 1 day * floor(45 * u(i, 53))::int end as edited_at
from planned;

create view interactions as
select
    'i' || i as interaction_id,
    kind as interaction_kind,
    case
        when kind in ('call', 'email', 'message')
            then pick(['sales', 'follow_up', 'consultation', 'complaint', 'paperwork'], u(i, 61))
        when kind = 'visit' then 'service_visit'
    end as interaction_group,
    case when closed_at <= getvariable('extracted_at') then state else 'open' end as status,
    case when kind in ('call', 'email', 'message') then if(u(i, 62) < 0.4, 'in', 'out') end as direction,
    if(edited_at <= getvariable('extracted_at'), 'Edited ', 'Subject ') || i % 5000 as subject,
    manager_of(if(u(i, 63) < 0.9, client, i)) as responsible_manager_id,
    'c' || client as client_id,
    entered_at::timestamp as created_at,
    case when kind in ('meeting', 'visit', 'task') then start_at::timestamp end as planned_start_at,
    case when kind in ('meeting', 'visit') then (start_at + interval 1 hour)::timestamp end as planned_end_at,
    case when kind <> 'task' and status = 'completed' then start_at::timestamp end as actual_start_at,
    case when kind = 'task' then (start_at + interval 3 day)::timestamp end as deadline_at,
    case when status = 'completed' then closed_at::timestamp end as completed_at,
    case when status = 'cancelled' then closed_at::timestamp end as cancelled_at,
    case when kind = 'call' then u(i, 64) < 0.8 end as answered,
    case when kind = 'call' and u(i, 64) < 0.8 then floor(900 * power(u(i, 65), 2))::int end as talk_seconds,
    case
        when kind in ('meeting', 'visit') and status = 'completed' then floor(1200 + 6000 * u(i, 66))::int
    end as duration_seconds
from events
where
    is_new(entered_at)
    or (entered_at <= getvariable('extracted_at') and (is_new(edited_at) or (state <> 'open' and is_new(closed_at))));

-- A person of the client, and a colleague.
create view interaction_parties as
select 'i' || i as interaction_id, 'person' as party_kind, 'p' || client as party_id, 'participant' as party_role
from events
where kind in ('meeting', 'call') and u(i, 71) < 0.3 and is_new(entered_at)
union all
select 'i' || i, 'manager', manager_of(i + 3), 'participant'
from events
where kind in ('meeting', 'visit') and u(i, 72) < 0.2 and is_new(entered_at);
