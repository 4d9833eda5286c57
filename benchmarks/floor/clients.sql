-- Marts of models/marts/clients; the macros are those of interactions.sql.

-- grain: client in the base at the start or at the end of the month; its characteristics never changed
create temp table base as
with period as (
    select * from periods
    where period_kind = 'month'
),

boundaries as (
    select
        clients.*,
        clients.entered_at >= period.start_at as is_entered_in_month,
        clients.entered_at < period.start_at and coalesce(clients.left_at >= period.start_at, true) as was_in_base,
        clients.entered_at < period.end_at and coalesce(clients.left_at >= period.end_at, true) as is_in_base
    from clients
    cross join period
),

-- At the end of the month.
owners_at_end as (
    select owners.client_id, owners.manager_id
    from owners
    inner join period
        on
            owners.valid_from < period.end_at
            and (owners.valid_to is null or owners.valid_to >= period.end_at)
)

select
    boundaries.client_id,
    boundaries.client_class,
    coalesce(boundaries.client_class, 'unknown') as class_value,
    coalesce(boundaries.client_kind, 'unknown') as kind_value,
    coalesce(boundaries.region, 'unknown') as region_value,
    coalesce(boundaries.industry, 'unknown') as industry_value,
    coalesce(boundaries.source_channel, 'unknown') as channel_value,
    boundaries.do_not_contact,
    boundaries.is_entered_in_month,
    boundaries.was_in_base,
    boundaries.is_in_base,
    owners_at_end.manager_id as owner_manager_id
from boundaries
left join owners_at_end on boundaries.client_id = owners_at_end.client_id
where boundaries.was_in_base or boundaries.is_in_base;

-- grain: period and client in the base at its end, with a contact recent enough for it or its start
create temp table activity as
with thresholds as (
    select
        *,
        start_at - getvariable('active_days') * interval 1 day as active_at_start_since,
        end_at - getvariable('active_days') * interval 1 day as active_at_end_since
    from numbered_periods
),

contacts as (
    select client_id, event_at
    from client_interactions
    where
        is_contact
        and event_at >= (select min(active_at_start_since) from thresholds)
        and event_at < (select max(end_at) from thresholds)
),

recent as (
    select
        thresholds.period,
        contacts.client_id,
        max(contacts.event_at) as last_contact_at,
        max(case when contacts.event_at < thresholds.start_at then contacts.event_at end) as last_contact_before_at
    from contacts
    inner join thresholds on contacts.event_at < thresholds.end_at
    group by thresholds.period, contacts.client_id
)

select
    thresholds.period,
    clients.client_id,
    recent.last_contact_at >= thresholds.active_at_end_since as is_active,
    recent.last_contact_at >= thresholds.active_at_end_since
    and clients.entered_at < thresholds.start_at
    and not coalesce(recent.last_contact_before_at >= thresholds.active_at_start_since, false) as is_reactivated
from recent
inner join thresholds on recent.period = thresholds.period
inner join clients
    on
        recent.client_id = clients.client_id
        and clients.entered_at < thresholds.end_at
        and coalesce(clients.left_at >= thresholds.end_at, true);

-- grain: period, characteristic and value (with the total `all`)
create table rpt_client_growth as
with stretches as (
    -- Nobody has a client before its first owner, nor where nobody follows.
    select
        client_id,
        manager_id as value,
        valid_from,
        coalesce(valid_to, timestamp '9999-12-31') as valid_to
    from owners
    union all
    select
        clients.client_id,
        'no manager',
        timestamp '0001-01-01',
        coalesce(min(owners.valid_from), timestamp '9999-12-31')
    from clients
    left join owners on clients.client_id = owners.client_id
    group by clients.client_id
    union all
    select
        owners.client_id,
        'no manager',
        owners.valid_to,
        coalesce(next_owners.valid_from, timestamp '9999-12-31')
    from owners
    asof left join owners as next_owners
        on owners.client_id = next_owners.client_id and owners.valid_to <= next_owners.valid_from
    where owners.valid_to is not null and next_owners.valid_from is distinct from owners.valid_to
),

-- One manager twice in a row is one stretch.
started as (
    select *
    from stretches
    qualify value is distinct from lag(value) over (partition by client_id order by valid_from)
),

owned as (
    select
        client_id,
        value,
        valid_from,
        lead(valid_from, 1, timestamp '9999-12-31') over (partition by client_id order by valid_from) as valid_to
    from started
),

members as (
    select
        client_id,
        client_class,
        client_kind,
        region,
        null as owner,
        entered_at,
        coalesce(left_at, timestamp '9999-12-31') as left_at,
        'new' as entry_kind,
        'lost' as exit_kind
    from clients
    union all
    select
        clients.client_id,
        null,
        null,
        null,
        owned.value,
        greatest(clients.entered_at, owned.valid_from),
        least(coalesce(clients.left_at, timestamp '9999-12-31'), owned.valid_to),
        if(owned.valid_from > clients.entered_at, 'moved in', 'new'),
        if(owned.valid_to < coalesce(clients.left_at, timestamp '9999-12-31'), 'moved out', 'lost')
    from clients
    inner join owned
        on
            clients.client_id = owned.client_id
            and clients.entered_at < owned.valid_to
            and coalesce(clients.left_at > owned.valid_from, true)
),

flags as (
    select
        periods.period,
        coalesce(members.client_class, 'unknown') as client_class,
        coalesce(members.client_kind, 'unknown') as client_kind,
        coalesce(members.region, 'unknown') as region,
        members.owner,
        members.entered_at < periods.start_at as is_opening,
        members.left_at >= periods.end_at as is_closing,
        if(members.entered_at >= periods.start_at, members.entry_kind, null) as entry_kind,
        if(members.left_at < periods.end_at, members.exit_kind, null) as exit_kind,
        coalesce(activity.is_active, false) as is_active,
        coalesce(activity.is_reactivated, false) as is_reactivated
    from numbered_periods as periods
    inner join members on members.entered_at < periods.end_at and members.left_at >= periods.start_at
    left join activity
        on
            periods.period = activity.period
            and members.client_id = activity.client_id
),

-- Few combinations are left of all clients, so that each breakdown is summed from them.
combinations as (
    select
        period, client_class, client_kind, region, owner,
        count(*) filter (where is_opening) as opening,
        count(*) filter (where entry_kind = 'new') as new,
        count(*) filter (where entry_kind = 'moved in') as moved_in,
        count(*) filter (where exit_kind = 'lost') as lost,
        count(*) filter (where exit_kind = 'moved out') as moved_out,
        count(*) filter (where is_closing) as closing,
        count(*) filter (where is_closing and is_active) as active,
        count(*) filter (where is_closing and is_reactivated) as reactivated
    from flags
    group by all
),

counts as (
    select
        period,
        case
            when grouping(client_class) = 0 then 'client_class'
            when grouping(client_kind) = 0 then 'client_kind'
            when grouping(region) = 0 then 'region'
            else 'all'
        end as characteristic,
        coalesce(client_class, client_kind, region, 'all') as value,
        sum(opening) as opening,
        sum(new) as new,
        sum(moved_in) as moved_in,
        sum(lost) as lost,
        sum(moved_out) as moved_out,
        sum(closing) as closing,
        sum(active) as active,
        sum(reactivated) as reactivated
    from combinations
    where owner is null
    group by grouping sets (
        (period), (period, client_class), (period, client_kind), (period, region)
    )
    union all
    select
        period, 'main_manager', owner,
        opening, new, moved_in, lost, moved_out, closing, active, reactivated
    from combinations
    where owner is not null
)

select
    periods.period_kind,
    periods.period_start,
    periods.close_month,
    coalesce(counts.characteristic, 'all') as characteristic,
    coalesce(counts.value, 'all') as value,
    coalesce(counts.opening, 0) as opening_client_count,
    coalesce(counts.new, 0) as new_client_count,
    0 as migrated_client_count,
    0 as restored_client_count,
    coalesce(counts.moved_in, 0) as moved_in_client_count,
    coalesce(counts.lost, 0) as lost_client_count,
    0 as merged_client_count,
    coalesce(counts.moved_out, 0) as moved_out_client_count,
    coalesce(counts.closing, 0) as closing_client_count,
    coalesce(counts.closing - counts.opening, 0) as growth_client_count,
    share(counts.closing - counts.opening, counts.opening) as growth_share,
    coalesce(counts.active, 0) as active_client_count,
    coalesce(counts.closing - counts.active, 0) as dormant_client_count,
    coalesce(counts.reactivated, 0) as reactivated_client_count,
    periods.is_reconstructed
from numbered_periods as periods
left join counts on periods.period = counts.period;

-- grain: month, client characteristic, its value, position and role (all with `all`)
create table rpt_contact_persons as
with period as (
    select
        close_month,
        end_at,
        cast(period_end - interval 1 day as date) as last_day
    from periods
    where period_kind = 'month'
),

position_names as (
    select lists.raw_position, lists.position, cast(lists.is_decision_maker as boolean) as is_decision_maker
    from read_csv(getvariable('reference') || 'positions.csv', header = true, all_varchar = true) as lists, period
    where
        coalesce(cast(lists.valid_from as date) <= period.last_day, true)
        and coalesce(cast(lists.valid_to as date) > period.last_day, true)
),

role_names as (
    select lists.raw_role, lists.role, cast(lists.is_decision_maker as boolean) as is_decision_maker
    from read_csv(getvariable('reference') || 'roles.csv', header = true, all_varchar = true) as lists, period
    where
        coalesce(cast(lists.valid_from as date) <= period.last_day, true)
        and coalesce(cast(lists.valid_to as date) > period.last_day, true)
),

links as (
    -- A link without a beginning, shown by the first load, has always been.
    select
        'crm:' || links.client_id as client_id,
        links.person_id,
        lower(links.position) as raw_position,
        lower(links.role) as raw_role
    from read_parquet(getvariable('landed') || 'client_contact_persons.parquet') as links, period
    where
        coalesce(cast(links.valid_from as timestamp) < period.end_at, true)
        and links.person_id in (select person_id from read_parquet(getvariable('landed') || 'contact_persons.parquet'))
),

persons as (
    select
        base.client_id,
        base.class_value,
        base.kind_value,
        links.person_id,
        case
            when links.raw_position is null then 'empty'
            else coalesce(position_names.position, 'unmapped')
        end as position,
        case
            when links.raw_role is null then 'empty'
            else coalesce(role_names.role, 'unmapped')
        end as role,
        coalesce(position_names.is_decision_maker, false) or coalesce(role_names.is_decision_maker, false)
            as is_decision_maker,
        -- Few persons belong to several clients, and only these can be counted twice.
        min(base.client_id) over (partition by links.person_id)
        <> max(base.client_id) over (partition by links.person_id) as is_shared
    from base
    inner join links on base.client_id = links.client_id
    left join position_names on links.raw_position = position_names.raw_position
    left join role_names on links.raw_role = role_names.raw_role
    where base.is_in_base
),

pairs as (
    select
        client_id,
        class_value,
        kind_value,
        person_id,
        is_shared,
        position,
        role,
        bool_or(is_decision_maker) as is_decision_maker
    from persons
    group by client_id, class_value, kind_value, person_id, is_shared, rollup (position), rollup (role)
),

-- A client's persons are counted once, and then only clients are.
client_counts as (
    select
        class_value,
        kind_value,
        position,
        role,
        count(*) as pair_count,
        count(*) filter (where not is_shared) as own_person_count,
        list(person_id) filter (where is_shared) as shared_persons,
        bool_or(is_decision_maker) as has_decision_maker
    from pairs
    group by client_id, class_value, kind_value, position, role
),

counts as (
    select
        case
            when grouping(class_value) = 0 then 'client_class'
            when grouping(kind_value) = 0 then 'client_kind'
            else 'all'
        end as characteristic,
        coalesce(class_value, kind_value, 'all') as value,
        coalesce(position, 'all') as position,
        coalesce(role, 'all') as role,
        sum(pair_count) as pair_count,
        sum(own_person_count) + len(list_distinct(flatten(coalesce(
            list(shared_persons) filter (where shared_persons is not null), []
        )))) as person_count,
        count(*) as client_count,
        count(*) filter (where has_decision_maker) as decided_count
    from client_counts
    group by grouping sets ((), (class_value), (kind_value)), position, role
),

-- The totals stand also where no client has a person.
bases as (
    select
        case
            when grouping(class_value) = 0 then 'client_class'
            when grouping(kind_value) = 0 then 'client_kind'
            else 'all'
        end as characteristic,
        coalesce(class_value, kind_value, 'all') as value,
        'all' as position,
        'all' as role,
        count(*) as base_client_count
    from base
    where is_in_base
    group by grouping sets ((), (class_value), (kind_value))
)

select
    'month' as period_kind,
    getvariable('close_month') as period_start,
    getvariable('close_month') as close_month,
    characteristic,
    value,
    position,
    role,
    coalesce(counts.pair_count, 0) as pair_count,
    coalesce(counts.person_count, 0) as person_count,
    coalesce(counts.client_count, 0) as client_count,
    bases.base_client_count,
    bases.base_client_count - coalesce(counts.client_count, 0) as client_without_person_count,
    bases.base_client_count - coalesce(counts.decided_count, 0) as client_without_decision_maker_count
from counts
full join bases using (characteristic, value, position, role);

-- grain: finest cell, clients with the same values throughout
create temp table cells as
select
    md5(concat_ws(
        '|',
        'client_class=' || class_value, 'client_kind=' || kind_value, 'industry=' || industry_value,
        'region=' || region_value, 'source_channel=' || channel_value
    )) as cell_id,
    class_value,
    kind_value,
    industry_value,
    region_value,
    channel_value,
    count(*) filter (where is_in_base) as client_count,
    count(*) filter (where was_in_base) as previous_client_count,
    count(*) filter (where is_in_base and was_in_base) as kept_client_count
from base
group by class_value, kind_value, industry_value, region_value, channel_value;

-- grain: month, finest cell, characteristic and value
create table fct_segment_cells as
select
    'month' as period_kind,
    getvariable('close_month') as period_start,
    getvariable('close_month') as close_month,
    cell_id,
    unnest(['client_class', 'client_kind', 'industry', 'region', 'source_channel']) as characteristic,
    unnest([class_value, kind_value, industry_value, region_value, channel_value]) as value,
    client_count,
    previous_client_count,
    client_count - previous_client_count as change_client_count
from cells;

-- grain: month and combination of up to three characteristics with their values
create table rpt_segment_sizes as
with combinations as (
    select
        list_filter([
            {'characteristic': 'client_class', 'value': class_value},
            {'characteristic': 'client_kind', 'value': kind_value},
            {'characteristic': 'industry', 'value': industry_value},
            {'characteristic': 'region', 'value': region_value},
            {'characteristic': 'source_channel', 'value': channel_value}
        ], lambda cell: cell.value is not null) as parts,
        coalesce(sum(client_count), 0) as client_count,
        coalesce(sum(previous_client_count), 0) as previous_client_count
    from cells
    group by cube (class_value, kind_value, industry_value, region_value, channel_value)
),

total as (
    select client_count from combinations
    where len(parts) = 0
)

select
    'month' as period_kind,
    getvariable('close_month') as period_start,
    getvariable('close_month') as close_month,
    if(
        len(combinations.parts) = 0,
        'all',
        array_to_string(list_transform(combinations.parts, lambda part: part.characteristic), ' + ')
    ) as combination,
    combinations.parts[1].characteristic as characteristic_1,
    combinations.parts[1].value as value_1,
    combinations.parts[2].characteristic as characteristic_2,
    combinations.parts[2].value as value_2,
    combinations.parts[3].characteristic as characteristic_3,
    combinations.parts[3].value as value_3,
    combinations.client_count,
    total.client_count as base_client_count,
    share(combinations.client_count, total.client_count) as client_share,
    combinations.previous_client_count,
    combinations.client_count - combinations.previous_client_count as change_client_count
from combinations
cross join total
where len(combinations.parts) <= 3;

-- grain: named segment with its version in force in the month; seeds/named_segments.yml written out
create temp table segments as
select segment, segment_title, segment_version
from (values
    ('key_clients', 'Ключевые клиенты', 1, date '2020-01-01'),
    ('key_trade', 'Ключевая торговля', 1, date '2020-01-01'),
    ('capitals', 'Столичные организации', 1, date '2020-01-01'),
    ('regions_to_grow', 'Регионы для роста', 1, date '2020-01-01'),
    ('industrial', 'Промышленность и стройка', 1, date '2020-01-01'),
    ('industrial', 'Промышленность и стройка', 2, date '2026-01-01'),
    ('came_by_trust', 'Пришли по рекомендации', 1, date '2020-01-01'),
    ('to_fill_in', 'Карточка не заполнена', 1, date '2020-01-01')
) as versions (segment, segment_title, segment_version, valid_from)
where valid_from <= getvariable('close_month')
qualify row_number() over (partition by segment order by valid_from desc) = 1;

-- grain: finest cell, with the segments that all of its clients belong to
create temp table cell_segments as
with matches as (
    select
        cell_id,
        unnest([
            if(class_value = 'A', {'segment': 'key_clients', 'segment_version': 1}, null),
            if(
                class_value in ('A', 'B') and industry_value in ('Оптовая торговля', 'Розничная торговля'),
                {'segment': 'key_trade', 'segment_version': 1}, null
            ),
            if(
                region_value in ('Москва', 'Санкт-Петербург') and kind_value = 'organisation',
                {'segment': 'capitals', 'segment_version': 1}, null
            ),
            if(
                region_value not in ('Москва', 'Санкт-Петербург', 'unknown') and class_value in ('B', 'C'),
                {'segment': 'regions_to_grow', 'segment_version': 1}, null
            ),
            if(
                industry_value in ('Производство', 'Строительство'),
                {'segment': 'industrial', 'segment_version': 1}, null
            ),
            if(
                industry_value in ('Производство', 'Строительство', 'Пищевая промышленность'),
                {'segment': 'industrial', 'segment_version': 2}, null
            ),
            if(
                channel_value in ('Рекомендация', 'Партнёр'),
                {'segment': 'came_by_trust', 'segment_version': 1}, null
            ),
            if(
                class_value = 'unknown' or region_value = 'unknown' or industry_value = 'unknown',
                {'segment': 'to_fill_in', 'segment_version': 1}, null
            )
        ]) as match
    from cells
),

members as (
    select
        matches.cell_id,
        list(segments.segment) as segments
    from matches
    inner join segments
        on
            matches.match.segment = segments.segment
            and matches.match.segment_version = segments.segment_version
    group by matches.cell_id
)

select
    coalesce(members.segments, []) as segments,
    cells.client_count,
    cells.previous_client_count,
    cells.kept_client_count
from cells
left join members on cells.cell_id = members.cell_id;

-- grain: month and named segment
create table rpt_named_segments as
with base as (
    select coalesce(sum(client_count), 0) as base_client_count from cell_segments
),

members as (
    select
        unnest(segments) as segment,
        client_count,
        previous_client_count,
        kept_client_count
    from cell_segments
),

counts as (
    select
        segment,
        sum(client_count) as client_count,
        sum(previous_client_count) as previous_client_count,
        sum(client_count - kept_client_count) as entered_client_count,
        sum(previous_client_count - kept_client_count) as left_client_count
    from members
    group by segment
)

select
    'month' as period_kind,
    getvariable('close_month') as period_start,
    getvariable('close_month') as close_month,
    segments.segment,
    segments.segment_title,
    segments.segment_version,
    coalesce(counts.client_count, 0) as client_count,
    base.base_client_count,
    share(coalesce(counts.client_count, 0), base.base_client_count) as client_share,
    coalesce(counts.previous_client_count, 0) as previous_client_count,
    coalesce(counts.entered_client_count, 0) as entered_client_count,
    coalesce(counts.left_client_count, 0) as left_client_count
from segments
cross join base
left join counts on segments.segment = counts.segment;

-- grain: month, named segment that clients left and the one that they entered
create table rpt_segment_migration as
with states as (
    select
        unnest(if(len(segments) = 0, ['no segment'], segments)) as segment,
        client_count,
        previous_client_count,
        kept_client_count
    from cell_segments
),

-- Characteristics do not change, so that a client goes from a segment to itself, or leaves or enters the base.
moves as (
    select segment as segment_from, segment as segment_to, kept_client_count as client_count
    from states
    union all
    select segment, 'not in base', previous_client_count - kept_client_count
    from states
    union all
    select 'not in base', segment, client_count - kept_client_count
    from states
)

select
    'month' as period_kind,
    getvariable('close_month') as period_start,
    getvariable('close_month') as close_month,
    segment_from,
    segment_to,
    sum(client_count) as client_count
from moves
group by segment_from, segment_to
having sum(client_count) > 0;

-- grain: month, named segment and another one (with `any other`)
create table rpt_segment_overlap as
with members as (
    select
        unnest(segments) as segment,
        segments,
        client_count
    from cell_segments
),

sizes as (
    select
        segment,
        sum(client_count) as client_count,
        sum(client_count) filter (where len(segments) > 1) as overlap_client_count
    from members
    group by segment
),

total as (
    select coalesce(sum(client_count), 0) as client_count
    from cell_segments
    where len(segments) > 0
),

shared as (
    select
        segment,
        unnest(segments) as other_segment,
        client_count
    from members
),

shared_counts as (
    select
        segment,
        other_segment,
        sum(client_count) as overlap_client_count
    from shared
    group by segment, other_segment
    union all
    select segment, 'any other', overlap_client_count
    from sizes
),

pairs as (
    select segments.segment, others.segment as other_segment
    from segments
    inner join segments as others on segments.segment <> others.segment
    union all
    select segment, 'any other'
    from segments
),

counts as (
    select
        pairs.segment,
        pairs.other_segment,
        coalesce(sizes.client_count, 0) as client_count,
        coalesce(other_sizes.client_count, 0) as other_client_count,
        coalesce(shared_counts.overlap_client_count, 0) as overlap_client_count
    from pairs
    left join sizes on pairs.segment = sizes.segment
    left join sizes as other_sizes on pairs.other_segment = other_sizes.segment
    left join shared_counts
        on pairs.segment = shared_counts.segment and pairs.other_segment = shared_counts.other_segment
)

select
    'month' as period_kind,
    getvariable('close_month') as period_start,
    getvariable('close_month') as close_month,
    counts.segment,
    counts.other_segment,
    counts.client_count,
    -- All members but those of this segment alone.
    if(
        counts.other_segment = 'any other',
        total.client_count - (counts.client_count - counts.overlap_client_count),
        counts.other_client_count
    ) as other_client_count,
    counts.overlap_client_count,
    counts.client_count - counts.overlap_client_count as exclusive_client_count,
    share(counts.overlap_client_count, counts.client_count) as overlap_share
from counts
cross join total;

-- grain: client with a contact planned after the month
create temp table next_planned as
with period as (
    select
        *,
        end_at + interval 1 month as next_end_at
    from periods
    where period_kind = 'month'
)

select
    ahead.client_id,
    min(ahead.planned_start_at) as next_planned_at,
    count(distinct ahead.interaction_id) filter (where ahead.planned_start_at < period.next_end_at)
        as planned_next_month_count
from client_interactions as ahead
cross join period
where
    ahead.interaction_kind in ('meeting', 'visit', 'call')
    and ahead.planned_start_at >= period.end_at
    and ahead.created_at < period.scheduled_close_at
    and coalesce(ahead.cancelled_at >= period.scheduled_close_at, true)
    and (
        -- Not done as known at the close; what is dated in the month counts in it.
        (
            coalesce(ahead.completed_at >= period.scheduled_close_at, true)
            and not coalesce(ahead.event_at >= period.start_at and ahead.event_at < period.end_at, false)
        )
        or (ahead.planned_start_at < period.scheduled_close_at and ahead.event_at >= period.end_at)
    )
group by ahead.client_id;

-- grain: month and client in the base at its end
create table rpt_no_contact_clients as
with period as (
    select * from periods
    where period_kind = 'month'
),

touches as (
    select
        touches.client_id,
        touches.interaction_id,
        touches.event_at,
        touches.performer_id,
        touches.is_contact,
        touches.is_attempt,
        touches.is_mass,
        period.start_at,
        period.previous_start_at
    from client_interactions as touches
    inner join period on touches.event_at < period.end_at
    where touches.is_contact or touches.is_attempt or touches.is_mass
),

counts as (
    select
        client_id,
        count(*) filter (where is_contact and event_at >= start_at) as contact_count,
        count(*) filter (where is_contact and event_at >= previous_start_at and event_at < start_at)
            as previous_contact_count,
        count(*) filter (where is_attempt and event_at >= start_at) as attempt_count,
        count(*) filter (where is_mass and event_at >= start_at) as mass_mail_count,
        max(event_at) filter (where is_contact) as last_contact_at,
        min(event_at) filter (where is_contact and event_at >= start_at) as first_contact_at
    from touches
    group by client_id
),

-- Who it was is looked up once the moments are few.
ends as (
    select
        counts.client_id,
        arg_max(touches.performer_id, touches.interaction_id) filter (where touches.event_at = counts.last_contact_at)
            as last_contact_manager_id,
        max(touches.interaction_id) filter (where touches.event_at = counts.last_contact_at)
            as last_contact_interaction_id,
        arg_min(touches.performer_id, touches.interaction_id) filter (where touches.event_at = counts.first_contact_at)
            as first_contact_manager_id
    from counts
    inner join touches
        on
            counts.client_id = touches.client_id
            and (touches.event_at = counts.last_contact_at or touches.event_at = counts.first_contact_at)
            and touches.is_contact
    group by counts.client_id
),

described as (
    select
        base.client_id,
        base.owner_manager_id,
        base.client_class,
        case
            when base.do_not_contact then 'do not contact'
            when base.is_entered_in_month then 'entered'
            when coalesce(counts.contact_count, 0) > 0 then 'contacted'
            else 'no contact'
        end as contact_status,
        coalesce(counts.contact_count, 0) as contact_count,
        coalesce(counts.attempt_count, 0) as attempt_count,
        coalesce(counts.mass_mail_count, 0) as mass_mail_count,
        coalesce(counts.previous_contact_count, 0) as previous_contact_count,
        counts.last_contact_at,
        ends.last_contact_manager_id,
        ends.last_contact_interaction_id,
        ends.first_contact_manager_id,
        period.period_end - cast(counts.last_contact_at as date) - 1 as days_since_last_contact,
        next_planned.next_planned_at,
        coalesce(next_planned.planned_next_month_count, 0) > 0 as is_planned_soon,
        coalesce(next_planned.next_planned_at < period.scheduled_close_at, false) as is_planned_in_grace_days,
        period.close_month
    from base
    cross join period
    left join counts on base.client_id = counts.client_id
    left join ends on base.client_id = ends.client_id
    left join next_planned on base.client_id = next_planned.client_id
    where base.is_in_base
)

select
    'month' as period_kind,
    close_month as period_start,
    close_month,
    client_id,
    owner_manager_id,
    client_class,
    contact_status,
    contact_count,
    attempt_count,
    last_contact_at,
    last_contact_manager_id,
    last_contact_interaction_id,
    days_since_last_contact,
    last_contact_at is null as is_never_contacted,
    next_planned_at,
    is_planned_in_grace_days,
    case
        when contact_status <> 'no contact' then null
        when last_contact_at is null and attempt_count = 0 and mass_mail_count = 0 then 'never contacted'
        when attempt_count > 0 then 'attempts only'
        when mass_mail_count > 0 then 'mass mail only'
        when is_planned_soon then 'planned soon'
        -- A manager's last day is never generated.
        else 'silent'
    end as no_contact_reason,
    case
        when contact_status <> 'no contact' then null
        else 3
            - if(coalesce(days_since_last_contact > getvariable('inactive_warning_days'), true), 1, 0)
            - if(is_planned_soon, 0, 1)
    end as priority,
    contact_status = 'no contact' and previous_contact_count > 0 as is_slipped,
    contact_status = 'contacted' and previous_contact_count = 0 as is_resumed,
    case
        when contact_status = 'contacted' and previous_contact_count = 0 then first_contact_manager_id
    end as resumed_by_manager_id
from described;
