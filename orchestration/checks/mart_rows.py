"""SQL of what is judged before publication: a built month beside the months before it.

It sees the relations

    asked    one row: close_month and all thresholds
    profile  mart, column_name, value, measure, close_month, amount: of the month being closed and
             of the editions of the months before; `rows` of a mart, `empty` rows of a column,
             the `sum` of an additive column, the rows that have a `value` of a column with few

It yields what raw_rows.py yields, worst first. The values named are those of columns that every
reader of the marts sees.
"""


def _size_rows(worst: str, order: str) -> str:
    """Rows of each mart beside what is usual, the median of the months before."""
    return f"""
        with sizes as (
            select
                profile.mart as subject,
                coalesce(max(profile.amount)
                    filter (where profile.close_month = asked.close_month), 0) as row_count,
                median(profile.amount)
                    filter (where profile.close_month < asked.close_month) as usual_count
            from profile
            cross join asked
            where profile.measure = 'rows'
            group by profile.mart
        )
        select
            subject,
            (row_count - usual_count) / usual_count as rise_share,
            format('{worst} {{:.2f}} of what is usual ({{}}: {{:.0f}} rows after {{:.0f}})',
                row_count / usual_count, subject, row_count, usual_count) as observed
        from sizes
        cross join asked
        where usual_count > 0 and usual_count >= asked.small_table_rows
        order by rise_share {order}, subject
    """


VOLUME_ROWS = _size_rows("smallest", "asc")
RISE_ROWS = _size_rows("largest", "desc")

# One or two months are too few to say what sum is usual.
SUM_ROWS = """
    with sums as (
        select
            profile.mart || '.' || profile.column_name as subject,
            coalesce(max(profile.amount)
                filter (where profile.close_month = asked.close_month), 0) as total,
            median(profile.amount)
                filter (where profile.close_month < asked.close_month) as usual_total,
            count(*) filter (where profile.close_month < asked.close_month) as month_count
        from profile
        cross join asked
        where profile.measure = 'sum'
        group by profile.mart, profile.column_name
    )
    select
        subject,
        (total - usual_total) / usual_total as rise_share,
        format('farthest {:.2f} of what is usual ({}: {:.0f} after {:.0f})',
            total / usual_total, subject, total, usual_total) as observed
    from sums
    cross join asked
    where usual_total > 0 and usual_total >= asked.small_table_rows and month_count >= 3
    order by abs(rise_share) desc, subject
"""

_MONTHS = """
    months as (
        select
            profile.mart,
            sum(profile.amount)
                filter (where profile.close_month = asked.close_month) as row_count,
            sum(profile.amount)
                filter (where profile.close_month < asked.close_month) as earlier_count
        from profile
        cross join asked
        where profile.measure = 'rows'
        group by profile.mart
    ),
    judged as (
        select months.mart, months.row_count, months.earlier_count
        from months
        cross join asked
        where months.row_count >= asked.small_table_rows
            and months.earlier_count >= asked.small_table_rows
    )
"""

FILLED_ROWS = f"""
    with {_MONTHS},
    shares as (
        select
            profile.mart || '.' || profile.column_name as subject,
            coalesce(sum(profile.amount) filter (where profile.close_month = asked.close_month), 0)
                / any_value(judged.row_count) as empty_share,
            coalesce(sum(profile.amount) filter (where profile.close_month < asked.close_month), 0)
                / any_value(judged.earlier_count) as usual_share
        from profile
        inner join judged on profile.mart = judged.mart
        cross join asked
        where profile.measure = 'empty'
        group by profile.mart, profile.column_name
    )
    select
        subject,
        empty_share - usual_share as empty_rise_share,
        format('most: {{:.0f}}% empty after {{:.0f}}% ({{}})',
            100 * empty_share, 100 * usual_share, subject) as observed
    from shares
    order by empty_rise_share desc, subject
"""

# The part of the rows that would have to have another value for the two months to be alike. Empty
# cells are judged by `filled`; a column that the months before do not have is not judged.
DISTRIBUTION_ROWS = """
    with counted as (
        select
            profile.mart,
            profile.column_name,
            profile.value,
            coalesce(sum(profile.amount)
                filter (where profile.close_month = asked.close_month), 0) as row_count,
            coalesce(sum(profile.amount)
                filter (where profile.close_month < asked.close_month), 0) as earlier_count
        from profile
        cross join asked
        where profile.measure = 'value'
        group by profile.mart, profile.column_name, profile.value
    ),
    totals as (
        select
            mart,
            column_name,
            sum(row_count) as row_count,
            sum(earlier_count) as earlier_count
        from counted
        group by mart, column_name
    ),
    shifts as (
        select
            counted.mart || '.' || counted.column_name as subject,
            counted.value,
            counted.row_count / totals.row_count
                - counted.earlier_count / totals.earlier_count as shift
        from counted
        inner join totals
            on counted.mart = totals.mart and counted.column_name = totals.column_name
        cross join asked
        where totals.row_count >= asked.small_table_rows
            and totals.earlier_count >= asked.small_table_rows
    ),
    shifted as (
        select
            subject,
            sum(greatest(shift, 0)) as shifted_share,
            -- Of as great ones the rise, and of these the last by name.
            arg_max(value, (round(abs(shift), 9), shift, value)) as value,
            arg_max(shift, (round(abs(shift), 9), shift, value)) as shift
        from shifts
        group by subject
    )
    select
        subject,
        shifted_share,
        format('most: {:.0f}% of rows ({}, {} by {:+.0f} points)',
            100 * shifted_share, subject, value, 100 * shift) as observed
    from shifted
    order by shifted_share desc, subject
"""
