"""File formats of clinical research: each reads to plain datasets and writes them, and knows no trial.

``read.read(path)`` reads any file or folder, ``write.write(path, dataset)`` writes one; each format has its
own module: ``xpt``, ``dataset_json``, ``tables`` (CSV, Parquet), ``define_xml``. ``dates`` reads partial
dates, ``compare`` says where two datasets differ.
"""
