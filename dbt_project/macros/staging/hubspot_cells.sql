{#- A cell as text; the hash of the empty text and of the word null, which a connector that hashes
    columns writes for an empty cell (MD5 in base64 or hex), is empty too. -#}
{% macro hubspot_text(column) -%}
    case
        when {{ text(column) }} not in (
            '1B2M2Y8AsgTpgAmY7PhCfg==', 'd41d8cd98f00b204e9800998ecf8427e',
            'N6YlnMDB2uKZp4Zkid/wvQ==', '37a6259cc0c1dae299a7866489dff0bd'
        ) then {{ text(column) }}
    end
{%- endmacro %}

{#- The first filled one of several columns: newer and older generations of the connector's schema. -#}
{% macro hubspot_first_text(columns) -%}
    coalesce(
    {%- for column in columns -%}
        {{ hubspot_text(column) }}{{ ', ' if not loop.last }}
    {%- endfor -%})
{%- endmacro %}

{#- Start or end of a meeting. Calendars that sync with HubSpot wrote some in seconds since 1970 where
    milliseconds are read: they lie before 1972, a thousandth of the way from 1970 to the real moment.
    1970 itself is an empty one. -#}
{% macro hubspot_meeting_moment(column) -%}
    {%- set moment = instant(column, 'hubspot') -%}
    {%- set epoch = "timestamp '1970-01-01 00:00:00'" -%}
    case
        when {{ moment }} < timestamp '1972-01-01 00:00:00'
            then nullif({{ epoch }} + ({{ moment }} - {{ epoch }}) * 1000, {{ epoch }})
        else {{ moment }}
    end
{%- endmacro %}

{#- Whether one of the flags says that the row is deleted in HubSpot. -#}
{% macro hubspot_is_deleted(columns=['_fivetran_deleted']) -%}
    {%- for column in columns -%}
        coalesce({{ flag(column) }}, false){{ ' or ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Whether a call was answered: its outcome says so (HubSpot's own outcomes have fixed GUIDs), else the
    status of one that did not come about; null when neither tells. -#}
{% macro hubspot_answered() -%}
    case
        when result in (
            'f240bbac-87c9-4f6e-bf70-924b57d47db7', -- connected
            'a4c4c377-d246-4b32-a13b-75a56a4cd0ff' -- left live message
        ) then true
        when result in (
            '73a0d17f-1163-4015-bdd5-ec830791da20', -- no answer
            '9d9162e7-6cf3-4944-bf63-4dff82258764', -- busy
            'b2cf5968-551e-4856-9783-52b3da59a7d0', -- left voicemail
            '17b47fee-58de-441e-a44c-c6300d46f273' -- wrong number
        ) then false
        when call_status in ('NO_ANSWER', 'BUSY', 'CANCELED', 'FAILED', 'MISSED') then false
    end
{%- endmacro %}
