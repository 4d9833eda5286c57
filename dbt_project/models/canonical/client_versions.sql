-- grain: client and the load that brought this version
{{ contract_rows('clients', model.columns) }}
