"""Closed-form designs: what a test promises before any patient is seen."""
