"""Two co-primary endpoints in words and numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from euexia.design import coprimary
from euexia.design.allocation import TwoArmSize
from euexia.design.answer import Answer, AnswerTable, number, probability
from euexia.design.answer_sizes import INDEPENDENT, ONE_SIDED, sizes
from euexia.design.coprimary import BinaryEndpoint, ContinuousEndpoint, Endpoint
from euexia.design.two_arm import RateTest

_CORRELATIONS = (-0.2, 0.0, 0.2, 0.4, 0.6, 0.8)


def two_endpoints(
    first: Endpoint,
    second: Endpoint,
    correlation: float,
    alpha: float,
    power: float,
    *,
    ratio: float = 1.0,
    known_variance: bool = True,
    test: RateTest | None = None,
) -> Answer:
    """Return the size of a trial that must win on both endpoints."""
    size = coprimary.size(
        first, second, correlation, alpha, power, ratio=ratio, known_variance=known_variance
    )
    exact = None
    chosen = size

    def at(rho: float) -> float:
        arms = chosen.treated, chosen.control
        return coprimary.power(first, second, rho, *arms, alpha, known_variance=known_variance)

    if test is not None and isinstance(first, BinaryEndpoint) and isinstance(second, BinaryEndpoint):
        chosen = exact = coprimary.exact_size(first, second, correlation, alpha, power, test, ratio=ratio)
        reached: Callable[[float], float] = partial(_exactly, first, second, chosen, alpha, test)
    else:
        reached = at
    return Answer(
        title=f"Two co-primary endpoints: {_words(first)} and {_words(second)}, correlation {correlation:g}",
        tables=(sizes(chosen), _by_correlation(coprimary.bounds(first, second), reached)),
        assumptions=(
            "The trial succeeds only if both tests reject: no alpha is divided, and power is lost instead.",
            ONE_SIDED.format(alpha=alpha, twice=2 * alpha),
            _meaning(first, second),
            *(() if exact else (_variance(known_variance),)),
            INDEPENDENT,
        ),
        sources=(_source(first, second, exact),),
        warnings=_warnings(correlation, exact, size),
    )


def _exactly(
    first: BinaryEndpoint, second: BinaryEndpoint, size: TwoArmSize, alpha: float, test: RateTest, rho: float
) -> float:
    return coprimary.exact_power(first, second, rho, size.treated, size.control, alpha, test)


def _variance(known: bool) -> str:
    if known:
        return "Variances are taken as known."
    return "Variances are estimated: the power of both t tests is averaged over them (Wishart distribution)."


def _words(endpoint: Endpoint) -> str:
    if isinstance(endpoint, ContinuousEndpoint):
        return f"effect {endpoint.effect:g}"
    return f"rates {endpoint.rate:g} against {endpoint.control_rate:g}"


def _meaning(first: Endpoint, second: Endpoint) -> str:
    binary = isinstance(first, BinaryEndpoint) + isinstance(second, BinaryEndpoint)
    return (
        "The correlation is that of the readings within an arm.",
        "The correlation is that of the reading and the normal variable whose threshold makes a responder.",
        "The correlation is that of the yes-or-no answers within an arm.",
    )[binary]


def _source(first: Endpoint, second: Endpoint, exact: TwoArmSize | None) -> str:
    if exact is not None:
        return "Exact bivariate binomial: Homma and Yoshida, Statistical Methods in Medical Research 2025."
    binary = isinstance(first, BinaryEndpoint) + isinstance(second, BinaryEndpoint)
    return (
        "Sozu, Sugimoto and Hamasaki, Journal of Biopharmaceutical Statistics 2011;21:650-668.",
        "Sozu, Sugimoto and Hamasaki, Biometrical Journal 2012;54:716-729.",
        "Sozu, Sugimoto and Hamasaki, Statistics in Medicine 2010;29:2169-2179.",
    )[binary]


def _warnings(correlation: float, exact: TwoArmSize | None, size: TwoArmSize) -> tuple[str, ...]:
    found = []
    if correlation > 0:
        found.append("A correlation that is lower than assumed costs power; 0 is the cautious choice.")
    if exact is not None:
        found.append(
            f"Exact power is a saw-tooth: this size and the next five keep it. The formula says {size.total} "
            "patients."
        )
    return tuple(found)


def _by_correlation(bounds: tuple[float, float], power: Callable[[float], float]) -> AnswerTable:
    low, high = bounds
    rows = tuple((rho, power(rho)) for rho in _CORRELATIONS if low <= rho <= high)
    return AnswerTable(
        name="by_correlation",
        title=f"Power by true correlation (possible: {low:.3g} to {high:.3g})",
        columns=(number("correlation", "Correlation"), probability("power", "Power to win on both")),
        rows=rows,
    )
