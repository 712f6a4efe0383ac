"""A protocol as CDISC USDM v4.0: what the model has words for, and the executable rest beside it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import fields

from euexia.protocol.analysis_plan import EndpointKind
from euexia.protocol.design import Masking
from euexia.protocol.design_words import allocation
from euexia.protocol.loader import fingerprint
from euexia.protocol.protocol import Protocol, RandomisationMethod, Schedule
from euexia.standards import usdm_codes as codes
from euexia.standards import usdm_plan, usdm_schedule, usdm_treatments
from euexia.standards.usdm_extension import attribute, plain
from euexia.standards.usdm_objects import Maker, Object
from euexia.version import __version__

USDM_VERSION = "4.0.0"
OF_DESIGN = ("randomisation", "accrual", "background", "rules", "analyses", "multiplicity", "masking")
OF_COURSE = ("crossovers", "interims", "published", "assumptions")
OF_STUDY = (
    "id",
    "title",
    "registry",
    "question",
    "population",
    "size",
    "conditions",
    "objective",
    "hypothesis",
)
"""Parts of a protocol that hang on the design, and those that hang on the version of the study."""
THE_VERSION = "StudyVersion_1"
"""Identifier of the one version that a document has."""
NCT = re.compile(r"NCT\d{8}")


def document(protocol: Protocol) -> Object:
    """Return a protocol as a USDM document: nested dictionaries."""
    maker = Maker()
    return {
        "study": {
            "id": None,
            "extensionAttributes": [],
            "name": protocol.id,
            "description": protocol.question or None,
            "label": protocol.title,
            "versions": [_version(maker, protocol)],
            "documentedBy": [],
            "instanceType": "Study",
        },
        "usdmVersion": USDM_VERSION,
        "systemName": "Euexia",
        "systemVersion": __version__,
    }


def written(protocol: Protocol) -> str:
    """Return a protocol as USDM JSON text."""
    return json.dumps(document(protocol), indent=1, ensure_ascii=False) + "\n"


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _version(maker: Maker, protocol: Protocol) -> Object:
    criteria, items = usdm_plan.eligibility(maker, protocol)
    population = usdm_plan.population(maker, protocol, criteria)
    structure = usdm_treatments.structure(maker, protocol, population["id"])
    schedule = usdm_schedule.plan(maker, protocol, structure.epochs)
    organisations, identifiers = _identifiers(maker, protocol)
    design = _design(maker, protocol, structure, schedule, population, criteria)
    return maker.make(
        "StudyVersion",
        extensions=_of_study(maker, protocol),
        versionIdentifier=fingerprint(protocol)[:12],
        rationale=protocol.question,
        documentVersionIds=[],
        dateValues=[],
        amendments=[],
        businessTherapeuticAreas=[],
        studyIdentifiers=identifiers,
        referenceIdentifiers=[],
        studyDesigns=[design],
        titles=[maker.make("StudyTitle", text=protocol.title, type=maker.code(codes.OFFICIAL_TITLE))],
        eligibilityCriterionItems=items,
        narrativeContentItems=[],
        abbreviations=[],
        roles=_roles(maker, protocol, design["id"], organisations[0]["id"]),
        organizations=organisations,
        studyInterventions=structure.interventions,
        administrableProducts=[],
        medicalDevices=[],
        productOrganizationRoles=[],
        biomedicalConcepts=[],
        bcCategories=[],
        bcSurrogates=schedule.surrogates,
        dictionaries=[],
        conditions=[],
        notes=[maker.note(f"Assumed: {entry.about}: {entry.text}") for entry in protocol.assumptions],
    )


def _of_study(maker: Maker, protocol: Protocol) -> list[Object]:
    """Return what the version carries of ours: head, assumptions, and the protocol's text with its hashes."""
    given = plain(protocol)
    text = protocol.source_text
    file = {"name": protocol.source_name, "text": text, "sha256": digest(text)} if text else {}
    return [
        attribute(maker, "head", {name: given[name] for name in OF_STUDY if name in given}),
        *(attribute(maker, name, given[name]) for name in OF_COURSE if name in given),
        attribute(maker, "fingerprint", fingerprint(protocol)),
        *([attribute(maker, "file", file)] if file else []),
    ]


def _identifiers(maker: Maker, protocol: Protocol) -> tuple[list[Object], list[Object]]:
    """Return the organisations, the sponsor first, and the study's identifiers with them."""
    sponsor = maker.make(
        "Organization",
        name="Sponsor",
        label="Sponsor, not stated in the protocol",
        type=maker.code(codes.NOT_STATED),
        identifierScheme=codes.OWN,
        identifier="SPONSOR",
        legalAddress=None,
        managedSites=[],
    )
    organisations, identifiers = [sponsor], [_identifier(maker, protocol.id, sponsor)]
    if protocol.registry:
        public = NCT.fullmatch(protocol.registry) is not None
        name = "ClinicalTrials.gov" if public else "Registry or source"
        registry = maker.make(
            "Organization",
            name=name,
            label=name,
            type=maker.code(codes.REGISTRY if public else codes.NOT_STATED),
            identifierScheme="USGOV" if public else codes.OWN,
            identifier="CT-GOV" if public else "REGISTRY",
            legalAddress=None,
            managedSites=[],
        )
        organisations.append(registry)
        identifiers.append(_identifier(maker, protocol.registry, registry))
    return organisations, identifiers


def _identifier(maker: Maker, text: str, organisation: Object) -> Object:
    return maker.make("StudyIdentifier", text=text, scopeId=organisation["id"])


MASKED = {
    Masking.NOT_STATED: (),
    Masking.OPEN_LABEL: (),
    Masking.PATIENT: (codes.SUBJECT,),
    Masking.ASSESSOR: (codes.ASSESSOR,),
    Masking.DOUBLE_BLIND: (codes.SUBJECT, codes.INVESTIGATOR, codes.ASSESSOR),
}
"""Who does not know the arm."""


def _roles(maker: Maker, protocol: Protocol, design: str, sponsor: str) -> list[Object]:
    masked = [_role(maker, term, design, [], _masking(maker)) for term in MASKED[protocol.masking]]
    return [_role(maker, codes.SPONSOR, THE_VERSION, [sponsor], None), *masked]


def _masking(maker: Maker) -> Object:
    return maker.make("Masking", text="Does not know the arm allotted", isMasked=True)


def _role(
    maker: Maker, term: codes.Term, applies_to: str, organisations: list[str], masking: Object | None
) -> Object:
    return maker.make(
        "StudyRole",
        name=term.decode,
        label=None,
        description=None,
        code=maker.code(term),
        appliesToIds=[applies_to],
        assignedPersons=[],
        organizationIds=organisations,
        masking=masking,
        notes=[],
    )


def _design(
    maker: Maker,
    protocol: Protocol,
    structure: usdm_treatments.Structure,
    schedule: usdm_schedule.Plan,
    population: Object,
    criteria: list[Object],
) -> Object:
    aims = usdm_plan.aims(maker, protocol, structure)
    blinding = codes.BLINDING.get(protocol.masking)
    return maker.make(
        "InterventionalStudyDesign",
        extensions=_of_design(maker, protocol),
        name=f"{protocol.id}_design",
        label=protocol.title,
        description=allocation(protocol),
        studyType=maker.code(codes.INTERVENTIONAL),
        studyPhase=None,
        therapeuticAreas=[],
        characteristics=_characteristics(maker, protocol),
        encounters=schedule.encounters,
        activities=schedule.activities,
        arms=structure.arms,
        studyCells=structure.cells,
        rationale=protocol.hypothesis or protocol.question,
        epochs=structure.epochs,
        elements=structure.elements,
        estimands=aims.estimands,
        indications=[_indication(maker, name) for name in protocol.conditions],
        studyInterventionIds=[item["id"] for item in structure.interventions],
        objectives=aims.objectives,
        population=population,
        scheduleTimelines=[schedule.timeline],
        biospecimenRetentions=[],
        documentVersionIds=[],
        eligibilityCriteria=criteria,
        analysisPopulations=aims.sets,
        notes=[],
        subTypes=_types(maker, protocol),
        model=maker.code(codes.PARALLEL if len(protocol.arms) > 1 else codes.SINGLE_GROUP),
        intentTypes=[maker.code(codes.TREATMENT_INTENT)],
        blindingSchema=None if blinding is None else maker.alias(blinding),
    )


def _of_design(maker: Maker, protocol: Protocol) -> list[Object]:
    given = plain(protocol)
    times = {
        entry.name: value
        for entry in fields(Schedule)
        if entry.name != "visits" and (value := getattr(protocol.schedule, entry.name)) != entry.default
    }
    return [
        *(attribute(maker, name, given[name]) for name in OF_DESIGN if name in given),
        attribute(maker, "times", times),
        attribute(maker, "endpoint_order", [endpoint.name for endpoint in protocol.endpoints]),
    ]


def _characteristics(maker: Maker, protocol: Protocol) -> list[Object]:
    if len(protocol.arms) < 2:
        return []
    strata = protocol.randomisation.strata
    stratified = bool(strata) and protocol.randomisation.method is RandomisationMethod.PERMUTED_BLOCKS
    return [maker.code(codes.STRATIFIED if stratified else codes.RANDOMISED)]


def _types(maker: Maker, protocol: Protocol) -> list[Object]:
    counts = any(endpoint.kind is EndpointKind.EVENT_COUNT for endpoint in protocol.endpoints)
    return [maker.code(codes.EFFICACY), *([maker.code(codes.SAFETY)] if counts else [])]


def _indication(maker: Maker, name: str) -> Object:
    return maker.make(
        "Indication",
        name=name,
        label=name,
        description=None,
        codes=[],
        isRareDisease=False,
        notes=[maker.note("Whether the disease is rare is not stated in the protocol")],
    )
