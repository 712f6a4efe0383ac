"""Four definitions for one patient at a time, as a clinician would write them down: None is missing.

They share no code with the package: a second opinion for its tests, and the loop its speed is compared with.
"""

from __future__ import annotations

from fractions import Fraction

Reading = float | None


def exact(value: float) -> Fraction:
    """Return the decimal that was written, so that an exact 5 % is 5 %."""
    return Fraction(repr(value))


def kleene_or(*truths: bool | None) -> bool | None:
    if True in truths:
        return True
    return None if None in truths else False


def kleene_and(*truths: bool | None) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def more(value: Reading, threshold: str) -> bool | None:
    return None if value is None else exact(value) > Fraction(threshold)


def less(value: Reading, threshold: str) -> bool | None:
    return None if value is None else exact(value) < Fraction(threshold)


def fearon(loss: Reading, bmi: Reading, sarcopenia: Reading) -> bool | None:
    some = more(loss, "0.02")
    low_muscle = None if sarcopenia is None else sarcopenia == 1
    return kleene_or(more(loss, "0.05"), kleene_and(less(bmi, "20"), some), kleene_and(low_muscle, some))


def modified_glasgow(crp: Reading, albumin: Reading) -> int | None:
    if crp is None:
        return None
    if exact(crp) <= 10:
        return 0
    if albumin is None:
        return None
    return 2 if exact(albumin) < 35 else 1


def weight_loss_grade(loss: Reading, bmi: Reading) -> int | None:
    if loss is None or bmi is None:
        return None
    rows = ((28, (0, 1, 2, 3, 3)), (25, (0, 2, 3, 3, 4)), (22, (1, 2, 3, 3, 4)), (20, (1, 2, 3, 4, 4)))
    grades = next((found for least, found in rows if exact(bmi) >= least), (3, 3, 4, 4, 4))
    passed = sum(100 * exact(loss) >= Fraction(edge) for edge in ("2.5", "6", "11", "15"))
    return grades[passed]


def must(bmi: Reading, loss: Reading, ill: Reading, starved: Reading) -> int | None:
    acute = kleene_and(None if ill is None else ill == 1, None if starved is None else starved == 1)
    if bmi is None or loss is None or acute is None:
        return None
    index, percent = exact(bmi), 100 * exact(loss)
    points = 0
    if index <= 20:
        points += 1 if index >= Fraction("18.5") else 2
    if percent >= 5:
        points += 1 if percent <= 10 else 2
    return points + (2 if acute else 0)
