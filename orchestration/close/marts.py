"""The published relations, as the parsed dbt project declares them."""

from dataclasses import dataclass
from typing import Any

from orchestration.close.period import Month


@dataclass(frozen=True)
class Mart:
    """A published relation; `is_monthly` when it keeps all months.

    `is_carried`: each close tells of some of its rows anew, and the others are kept; close_month
    is the close that told of a row last.
    Rows are written in `order`, which ends in the key: those that are read together lie together.
    `columns` has the description of each column by its name, `types` the declared type.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    order: tuple[str, ...]
    is_monthly: bool
    description: str
    columns: dict[str, str]
    types: dict[str, str]
    is_carried: bool = False

    @property
    def is_restricted(self) -> bool:
        """Holds personal data, published in a file of its own."""
        return self.schema == "restricted"


def keys_of(manifest: Any) -> dict[str, tuple[str, ...]]:
    """Key columns of each model, by its name, out of its test unique_key."""
    return {
        manifest.nodes[node.attached_node].name: tuple(node.test_metadata.kwargs["columns"])
        for node in manifest.nodes.values()
        if node.resource_type == "test"
        and getattr(node, "test_metadata", None)
        and node.test_metadata.name == "unique_key"
        and node.attached_node in manifest.nodes  # a model of a CRM that is not in use is not
    }


def marts_of(manifest: Any, layer: str = "marts") -> list[Mart]:
    """Published relations by the parsed dbt project, or those of another folder of models."""
    keys = keys_of(manifest)
    return sorted(
        (
            Mart(
                schema=node.schema,
                name=node.name,
                key=keys[node.name],
                order=(*node.config.meta.get("reading_order", ()), *keys[node.name]),
                is_monthly=node.config.materialized == "incremental",
                description=node.description,
                columns={name: column.description for name, column in node.columns.items()},
                types={name: column.data_type for name, column in node.columns.items()},
                is_carried=node.config.meta.get("is_carried", False),
            )
            for node in manifest.nodes.values()
            if node.resource_type == "model" and node.fqn[1] == layer
        ),
        key=lambda mart: mart.name,
    )


def mart_rows(mart: Mart, month: Month, *, database: str = "") -> str:
    """SQL of a built mart's rows, monthly ones cut to the month; `database` ends in a dot."""
    columns = ", ".join(f'"{name}"' for name in mart.columns)
    where = f" where close_month = date '{month.first_day}'" if mart.is_monthly else ""
    return f'select {columns} from {database}"{mart.schema}"."{mart.name}"{where}'
