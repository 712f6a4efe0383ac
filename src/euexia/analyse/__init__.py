"""The planned analyses: an estimand settles an endpoint, a method makes a result of it."""

from euexia.analyse.result import Result
from euexia.analyse.run import check_plan, run

__all__ = ["Result", "check_plan", "run"]
