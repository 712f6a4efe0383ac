"""Dataset-JSON 1.1 (``.json``, ``.ndjson``, ``.dsjc``): ``read`` and ``write``."""

from euexia.formats.dataset_json_reading import read
from euexia.formats.dataset_json_writing import write

__all__ = ["read", "write"]
