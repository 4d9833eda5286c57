"""SQL of what is judged at the raw door.

It sees history.duckdb as `history` and, for one CRM at a time, the relations

    asked         one row: crm, as_of, previous_close_at, scheduled_close_at and all thresholds
    declared      table_name, column_name: what staging reads
    current_keys  source, table_name, row_count, keyless_count: rows known at as_of and not gone

It yields, worst first, `subject` (load and table, what is named when it fails), `observed` (the
line shown when this row is the worst) and the columns that the expectation reads. No value of a
raw row may be among them: results are shown to people who may not see clients.
"""

SCHEMA_ROWS = """
    select
        declared.table_name || '.' || declared.column_name as subject,
        coalesce(present.data_type, 'missing') as column_type,
        case
            when column_type = 'VARCHAR' then format('all {} columns present', count(*) over ())
            else format('{} is {}', subject, column_type)
        end as observed
    from declared
    cross join asked
    left join duckdb_columns() as present
        on present.database_name = 'history'
        and present.schema_name = 'raw_' || asked.crm
        and declared.table_name = present.table_name
        and declared.column_name = present.column_name
    order by column_type = 'VARCHAR', subject
"""

# What the newest complete load has of a table, beside the one that the month before was closed with
# (the first where there is none): a short load that a whole one followed does no harm. Named is the
# load that lost most. Rejected lines do not count as delivered here: a file of broken lines is
# a lost file. A table that a load did not bring at all is left as it was by landing, so it is for
# freshness to tell.
VOLUME_ROWS = """
    with complete_loads as (
        select
            loads.source,
            loads.table_name,
            loads.load_id || '/' || loads.table_name as subject,
            loads.extracted_at,
            loads.delivered_count - loads.rejected_count as readable_count,
            lag(readable_count) over tables - readable_count as lost_count,
            max(case when loads.extracted_at <= asked.previous_close_at then loads.extracted_at end)
                over (partition by loads.source, loads.table_name) as closed_with_at
        from history.landing.loads
        inner join asked on loads.crm = asked.crm and loads.extracted_at <= asked.as_of
        where loads.is_complete
        window tables as (
            partition by loads.source, loads.table_name order by loads.extracted_at
        )
    ),
    deliveries as (
        select
            arg_max(subject, lost_count)
                filter (extracted_at is distinct from closed_with_at) as subject,
            arg_min(readable_count, extracted_at) as earlier_count,
            arg_max(readable_count, extracted_at) as newest_count
        from complete_loads
        where closed_with_at is null or extracted_at >= closed_with_at
        group by source, table_name
    )
    select
        deliveries.subject,
        (earlier_count - newest_count) / earlier_count as lost_share,
        format('smallest share {:.2f} ({})', newest_count / earlier_count, subject) as observed
    from deliveries
    cross join asked
    where subject is not null and earlier_count > 0 and earlier_count >= asked.small_table_rows
    order by lost_share desc, subject
"""

KEYS_ROWS = """
    select
        current_keys.source || '/' || current_keys.table_name as subject,
        current_keys.keyless_count / current_keys.row_count as keyless_share,
        case
            when current_keys.row_count >= asked.small_table_rows then asked.quarantine_block_share
            else asked.quarantine_block_rows / current_keys.row_count
        end as allowed_share,
        format('worst {} of {} rows ({})', keyless_count, row_count, subject) as observed
    from current_keys
    cross join asked
    order by keyless_share - allowed_share desc, subject
"""

FRESHNESS_ROWS = """
    with deliveries as (
        select
            loads.source || '/' || loads.table_name as subject,
            max(loads.extracted_at) as delivered_at
        from history.landing.loads
        inner join asked on loads.crm = asked.crm and loads.extracted_at <= asked.as_of
        group by subject
    )
    select
        deliveries.subject,
        greatest(0, epoch(asked.scheduled_close_at) - epoch(delivered_at)) / 86400 as age_days,
        format('oldest {:.1f} days ({})', age_days, subject) as observed
    from deliveries
    cross join asked
    order by age_days desc, subject
"""
