"""Plain tables as datasets: delimited text (CSV, also packed) and Parquet."""

from euexia.formats.csv_reading import read as read_csv
from euexia.formats.csv_writing import write as write_csv
from euexia.formats.parquet import read as read_parquet
from euexia.formats.parquet import write as write_parquet

__all__ = ["read_csv", "read_parquet", "write_csv", "write_parquet"]
