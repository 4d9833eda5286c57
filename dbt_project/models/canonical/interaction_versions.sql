-- grain: interaction and the load that brought this version
{{ contract_rows('interactions', model.columns) }}
