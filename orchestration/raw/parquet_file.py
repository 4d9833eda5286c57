"""Chunks of rows from Parquet files: typed cells as text."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.errors import CrmMartsError
from orchestration.raw.json_file import cell_text
from orchestration.raw.raw_file import CHUNK_CHARACTERS, CHUNK_ROWS, Chunk, RawFile


def parquet_chunks(file: RawFile) -> Iterator[Chunk]:
    """Rows of a Parquet file in chunks, at least one; their lines are their numbers."""
    try:
        with pq.ParquetFile(file.path) as parquet:
            names = file.check_header(parquet.schema_arrow.names)
            yield [], dict.fromkeys(names, ())
            line = 1
            for batch in parquet.iter_batches(_batch_rows(parquet.metadata)):
                columns = zip(names, batch.columns, strict=True)
                cells = {name: _texts(column, file.source.timezone) for name, column in columns}
                yield range(line, line + batch.num_rows), cells
                line += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise CrmMartsError(
            f"the Parquet file cannot be read: {str(error).splitlines()[0]}",
            place=str(file.path),
            remedy="Export it again; cells are texts, numbers, dates, lists or records.",
        ) from None


def _batch_rows(metadata: pq.FileMetaData) -> int:
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    size = max(1, sum(group.total_byte_size for group in groups))
    rows: int = CHUNK_CHARACTERS * metadata.num_rows // size
    return max(1, min(CHUNK_ROWS, rows))


def _texts(column: pa.Array, zone: str) -> list[str | None]:
    """Typed cells as text: moments by the source's clock, whole numbers without a point."""
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.local_timestamp(column.cast(pa.timestamp(column.type.unit, zone)))
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_nested(column.type):
        return [cell_text(value) for value in column.to_pylist()]
    texts: list[str | None] = column.cast(pa.string()).to_pylist()
    return texts
