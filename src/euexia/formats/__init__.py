"""File formats of clinical research: each reads to plain datasets and writes them, and knows no trial."""
