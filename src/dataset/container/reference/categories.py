"""Makes categories.parquet: the sample of the DIA-NN report as pyarrow writes it, with text columns as categories.

Run in this folder; pyarrow is the only requirement."""

import csv
import pyarrow as pa
import pyarrow.parquet as pq

with open("../../formats/diann_report/sample.tsv", newline="") as file:
    rows = list(csv.DictReader(file, delimiter="\t"))
columns = {}
for name in rows[0]:
    cells = [row[name] for row in rows]
    try:
        columns[name] = pa.array([float(cell) for cell in cells])
    except ValueError:
        columns[name] = pa.array(cells).dictionary_encode()
metadata = {"writer": f"pyarrow {pa.__version__}"}
table = pa.table(columns).replace_schema_metadata(metadata)
pq.write_table(table, "categories.parquet", compression="snappy", row_group_size=8)
