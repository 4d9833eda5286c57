{#- Columns that 1C's meetings, calls and planned interactions share. -#}
{% macro onec_document_columns() -%}
    {{ lineage() }},
        {{ onec_id('Ref_Key') }} as document_id,
        {{ onec_id('Автор_Key') }} as author_id,
        {{ onec_id('Ответственный_Key') }} as responsible_id,
        {{ text('Тема') }} as subject,
        {{ text('ВидВзаимодействия') }} as interaction_type,
        statuses.state,
        {{ text('Результат') }} as result,
        {{ flag('DeletionMark') }} as is_deleted,
        {{ instant('Date', 'onec') }} as entered_at,
        {{ local_time('Срок') }} as deadline_local,
        {{ instant('Срок', 'onec') }} as deadline_at,
        {{ instant('ДатаЗавершения', 'onec') }} as closed_at
{%- endmacro %}

{#- Rules that make such a document unusable. -#}
{% macro onec_document_rules(dates) -%}
    {{ return([
        [onec_id('Ref_Key') ~ ' is null', 'Ref_Key is empty'],
        [text('Date') ~ ' is null', 'Date is empty'],
        ['statuses.state is null', 'Состояние is unknown'],
    ] + onec_dates(dates)) }}
{%- endmacro %}

{#- Joins the list that says what a document's status means. -#}
{% macro onec_statuses(column) -%}
    left join {{ ref('interaction_statuses') }} as statuses
        on
            statuses.crm = 'onec'
            and {{ text(column) }} = statuses.raw_status
            and {{ valid_at('statuses', 'coalesce(' ~ local_time('Date') ~ ', known_from)') }}
{%- endmacro %}
