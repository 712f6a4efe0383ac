"""How time is counted: in days; longer spans have one length each, here."""

DAYS_PER_WEEK = 7.0
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
SIX_MONTHS = 180.0
"""The half year over which loss of weight is counted [day]."""
