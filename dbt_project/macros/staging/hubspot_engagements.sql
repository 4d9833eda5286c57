{#- Columns that the six tables of engagements share. -#}
{% macro hubspot_engagement_columns() -%}
    {{ lineage() }},
        {{ source_id('engagement_id') }} as engagement_id,
        {{ source_id('property_hubspot_owner_id') }} as owner_id,
        {{ source_id('property_hs_created_by_user_id') }} as created_by_user_id,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ instant('property_hs_createdate', 'hubspot') }} as entered_at,
        {{ instant('property_hs_timestamp', 'hubspot') }} as timestamp_at,
        {{ instant('property_hs_lastmodifieddate', 'hubspot') }} as source_updated_at
{%- endmacro %}

{#- Rules that make such a row unusable. In the older schema the table engagement has the dates:
    `dated_engagements` is joined for that. -#}
{% macro hubspot_engagement_rules(dates=[]) -%}
    {%- set own_dates = ['property_hs_createdate', 'property_hs_timestamp'] + dates -%}
    {%- set filled = [] -%}
    {%- for column in own_dates -%}
        {%- do filled.append(text(column) ~ ' is null') -%}
    {%- endfor -%}
    {{ return([
        [source_id('engagement_id') ~ ' is null', 'engagement_id is empty'],
        [filled | join(' and ') ~ ' and dated_engagements.dated_id is null', 'no date'],
    ] + unreadable_dates(own_dates + ['property_hs_lastmodifieddate'])) }}
{%- endmacro %}

{#- Engagements that the table engagement dates. -#}
{% macro hubspot_dated_engagements() -%}
    select distinct engagement_id as dated_id
    from {{ ref('stg_hubspot__engagements') }}
    where quarantine_reason is null and coalesce(timestamp_at, entered_at) is not null
{%- endmacro %}

{#- Joins the list that says what a status means: the kind stands before it, as kinds share names. -#}
{% macro hubspot_statuses(kind, columns) -%}
    left join {{ ref('interaction_statuses') }} as statuses
        on
            statuses.crm = 'hubspot'
            and '{{ kind }} ' || upper({{ hubspot_first_text(columns) }}) = statuses.raw_status
            and {{ valid_at(
                'statuses', 'coalesce(' ~ local_time('property_hs_timestamp') ~ ', known_from)'
            ) }}
{%- endmacro %}

{#- The rule for a status that stands nowhere in that list. -#}
{% macro hubspot_status_rule(columns, reason) -%}
    {{ return([
        hubspot_first_text(columns) ~ ' is not null and statuses.state is null', reason
    ]) }}
{%- endmacro %}
