"""Codes of USDM v4: CDISC controlled terminology (NCI C-codes) where it has the term, else our own words.

Codes and preferred terms: CDISC Controlled Terminology, packages DDF and SDTM of 2026-03-27, published by NCI
Enterprise Vocabulary Services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from euexia.protocol.analysis_plan import Role, Strategy
from euexia.protocol.design import Masking, Route

CDISC = "http://www.cdisc.org"
CDISC_VERSION = "2026-03-27"
OWN = "urn:euexia:codes"
OWN_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a code system."""

    code: str
    decode: str
    system: str = CDISC
    version: str = CDISC_VERSION


def own(code: str, decode: str) -> Term:
    """Return a term that CDISC does not have, marked as ours."""
    return Term(code, decode, OWN, OWN_VERSION)


INTERVENTIONAL = Term("C98388", "Interventional Study")
PARALLEL = Term("C82639", "Parallel Study")
SINGLE_GROUP = Term("C82640", "Single Group Study")
RANDOMISED = Term("C46079", "Randomized Controlled Clinical Trial")
STRATIFIED = Term("C147145", "Stratified Randomization")
TREATMENT_INTENT = Term("C49656", "Treatment Study")
EFFICACY = Term("C49666", "Efficacy Study")
SAFETY = Term("C49667", "Safety Study")
OFFICIAL_TITLE = Term("C207616", "Official Study Title")
REGISTRY = Term("C93453", "Study Registry")
SPONSOR = Term("C70793", "Clinical Study Sponsor")
NOT_STATED = own("NOT_STATED", "Not stated in the protocol")
SUBJECT = Term("C41189", "Study Subject")
INVESTIGATOR = Term("C25936", "Investigator")
ASSESSOR = Term("C207599", "Outcomes Assessor")
INCLUSION = Term("C25532", "Inclusion Criteria")
MALE = Term("C20197", "Male")
FEMALE = Term("C16576", "Female")
YEARS = Term("C29848", "Year")
MILLIGRAM = Term("C28253", "Milligram")
DAYS = Term("C25301", "Day")
WITHIN_STUDY = Term("C188866", "Data Generated Within Study")
EXPERIMENTAL_ARM = Term("C174266", "Investigational Arm")
ACTIVE_COMPARATOR_ARM = Term("C174267", "Active Comparator Arm")
PLACEBO_ARM = Term("C174268", "Placebo Control Arm")
CONTROL_ARM = Term("C174226", "Control Arm")
EXPERIMENTAL = Term("C41161", "Protocol Agent")
ACTIVE_COMPARATOR = Term("C68609", "Active Comparator")
BACKGROUND = Term("C165822", "Background Treatment")
PLACEBO = Term("C753", "Placebo")
BIOLOGIC = Term("C307", "Biological Agent")
DRUG = Term("C1909", "Pharmacologic Substance")
BEHAVIOURAL = Term("C15184", "Behavioral Intervention")
SUPPLEMENT = Term("C1505", "Dietary Supplement")
SCREENING_EPOCH = Term("C202487", "Screening Epoch")
RUN_IN_EPOCH = Term("C98779", "Run-in Period")
TREATMENT_EPOCH = Term("C101526", "Treatment Epoch")
FOLLOW_UP_EPOCH = Term("C202578", "Follow-Up Epoch")
VISIT = Term("C25716", "Visit")
AFTER = Term("C201356", "After")
BEFORE = Term("C201357", "Before")
FIXED = Term("C201358", "Fixed Reference")
START_TO_START = Term("C201355", "Start to Start")

BLINDING: Mapping[Masking, Term] = {
    Masking.OPEN_LABEL: Term("C49659", "Open Label Study"),
    Masking.PATIENT: Term("C28233", "Single Blind Study"),
    Masking.ASSESSOR: Term("C187674", "Observer Blind Study"),
    Masking.DOUBLE_BLIND: Term("C15228", "Double Blind Study"),
}
ROUTES: Mapping[Route, Term] = {
    Route.ORAL: Term("C38288", "Oral Route of Administration"),
    Route.SUBCUTANEOUS: Term("C38299", "Subcutaneous Route of Administration"),
    Route.INTRAVENOUS: Term("C38276", "Intravenous Route of Administration"),
}
FREQUENCIES: Mapping[float, Term] = {
    1: Term("C25473", "Daily"),
    7: Term("C67069", "Weekly"),
    14: Term("C71127", "Every Two Weeks"),
    21: Term("C64535", "Every Three Weeks"),
    28: Term("C64529", "Every Four Weeks"),
    42: Term("C89788", "Every Six Weeks"),
    56: Term("C103389", "Every Eight Weeks"),
}
"""By days between doses."""
WEEKLY: Mapping[int, Term] = {
    1: FREQUENCIES[7],
    2: Term("C64497", "Twice Weekly"),
    3: Term("C64528", "Three Times Weekly"),
    4: Term("C64531", "Four Times Weekly"),
    5: Term("C85552", "Five Times Weekly"),
}
"""By sessions a week."""
OBJECTIVE_LEVEL: Mapping[Role, Term] = {
    Role.PRIMARY: Term("C85826", "Trial Primary Objective"),
    Role.SECONDARY: Term("C85827", "Trial Secondary Objective"),
}
ENDPOINT_LEVEL: Mapping[Role, Term] = {
    Role.PRIMARY: Term("C94496", "Primary Endpoint"),
    Role.SECONDARY: Term("C139173", "Secondary Endpoint"),
}
STRATEGIES: Mapping[Strategy, str] = {
    Strategy.COMPOSITE_FAILURE: "Composite variable strategy",
    Strategy.WHILE_ALIVE: "While alive strategy",
    Strategy.TREATMENT_POLICY: "Treatment policy strategy",
    Strategy.HYPOTHETICAL: "Hypothetical strategy",
    Strategy.EXCLUDE: "No strategy of ICH E9(R1): patients with the event are left out",
    Strategy.WHILE_ON_TREATMENT: "While on treatment strategy",
}
"""In the words of ICH E9(R1)."""

BIOLOGICS = ("ponsegromab", "anti_il6", "ngm120")
SUPPLEMENTS = ("oral_supplements",)
CARE = ("exercise", "nutrition_counselling", "activity_counselling")
"""Treatments whose kind USDM asks for and a protocol does not say; the others are medicines."""
