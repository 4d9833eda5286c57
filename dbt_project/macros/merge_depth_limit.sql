{#- Longest chain of merges that is followed; a longer one is a cycle. -#}
{% macro merge_depth_limit() %}20{% endmacro %}
