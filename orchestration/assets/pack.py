"""The monthly pack, after the publication of its month."""

from typing import Any

import dagster as dg

from orchestration.assets.common import ONE_MONTH_A_RUN, QUALITY, WRITES, closable_months
from orchestration.close.period import Month
from orchestration.errors import CrmMartsError, PackError
from orchestration.machine_faults import text_of, told
from orchestration.settings import Settings

PACK_STEP = "published__pack"


class PackConfig(dg.Config):
    """`write`: a backfill leaves the packs of all months but its last one out."""

    write: bool = True


def pack_asset(settings: Settings) -> dg.AssetsDefinition:
    """The pack's files, and those that were sent."""

    @dg.asset(
        key=dg.AssetKey(PACK_STEP.split("__")),
        group_name="published",
        deps=[QUALITY],  # the page has a box with what the checks say
        partitions_def=closable_months(settings),
        backfill_policy=ONE_MONTH_A_RUN,
        required_resource_keys=WRITES,
        description="The month for people: page, workbook, print, registers; sent where set.",
    )
    def pack(context: dg.AssetExecutionContext, config: PackConfig) -> dg.MaterializeResult[Any]:
        # Charts and typesetting are loaded where they are used: start-up time.
        from orchestration.delivery.mail import send_packs
        from orchestration.delivery.pack import write_pack

        if not config.write:
            return dg.MaterializeResult(metadata={"written": 0})
        month = Month.parse(context.partition_key)
        try:
            written = write_pack(settings, month)
            sent = send_packs(settings, month, written)
        except Exception as error:
            raise _pack_error(month, error) from error
        folder = dg.MetadataValue.path(str(written[0].folder))
        return dg.MaterializeResult(
            metadata={"written": len(written), "sent": sent, "folder": folder}
        )

    return pack


def _pack_error(month: Month, error: Exception) -> PackError:
    """What the reader is told; the text of an error of the program can hold cells of a row."""
    known = error if isinstance(error, CrmMartsError) else told(text_of(error))
    return PackError(
        f"{month} is published, but its pack is not done: {known or type(error).__name__}",
        remedy=f"Write it again: crm-marts pack {month}.",
    )
