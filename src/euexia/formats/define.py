"""What Define-XML 2.1 says about a study's datasets: variables, code lists, methods, value-level metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from euexia.core.errors import Fault
from euexia.formats.dataset import Dataset, DataType, Variable
from euexia.formats.files import fault

NUMBER_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A standard that is followed: ``ADaMIG 1.1``, or the terminology of a date."""

    oid: str
    name: str
    kind: str = "IG"
    version: str = ""
    publishing_set: str = ""
    status: str = "Final"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeListItem:
    """One value that is allowed, and what it means."""

    value: str
    decode: str = ""
    rank: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """The values that are allowed, or the dictionary they come from."""

    oid: str
    name: str
    data_type: str = "text"
    items: tuple[CodeListItem, ...] = ()
    dictionary: str = ""
    dictionary_version: str = ""
    standard_oid: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How a variable is derived, in words."""

    oid: str
    name: str
    kind: str = "Computation"
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A remark that variables and datasets may refer to."""

    oid: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition on a variable: ``PARAMCD EQ WEIGHT``."""

    item_oid: str
    comparator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereClause:
    """Conditions that must all hold."""

    oid: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One variable, or one value of it, as the definition describes it."""

    variable: Variable
    mandatory: bool = False
    role: str = ""
    significant_digits: int | None = None
    origin_text: str = ""
    source: str = ""
    method_oid: str = ""
    comment_oid: str = ""
    value_list_oid: str = ""
    where_oids: tuple[str, ...] = ()
    define_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueList:
    """What a variable means under each of several conditions."""

    oid: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetDefinition:
    """One dataset as the definition describes it."""

    oid: str
    name: str
    label: str = ""
    domain: str = ""
    class_name: str = ""
    structure: str = ""
    purpose: str = "Analysis"
    repeating: bool = True
    reference_data: bool = False
    file: str = ""
    standard_oid: str = ""
    comment_oid: str = ""
    items: tuple[Item, ...] = ()

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables, in order."""
        return tuple(item.variable for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """The definition of a study's datasets."""

    study_oid: str
    study_name: str
    study_description: str = ""
    protocol_name: str = ""
    metadata_version_oid: str = ""
    name: str = ""
    file_oid: str = ""
    created: str = ""
    originator: str = ""
    system: str = ""
    system_version: str = ""
    context: str = "Other"
    version: str = "2.1.0"
    standards: tuple[Standard, ...] = ()
    datasets: tuple[DatasetDefinition, ...] = ()
    value_lists: tuple[ValueList, ...] = ()
    where_clauses: tuple[WhereClause, ...] = ()
    code_lists: tuple[CodeList, ...] = ()
    methods: tuple[Method, ...] = ()
    comments: tuple[Comment, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    def dataset(self, name: str) -> DatasetDefinition | None:
        """Return the definition of a dataset, if there is one."""
        return next((one for one in self.datasets if one.name == name), None)


def describe(
    dataset: Dataset, *, file: str = "", items: Mapping[str, Item] | None = None
) -> DatasetDefinition:
    """Describe a dataset by what it says itself; ``items`` adds roles, methods, origins by variable."""
    given = items or {}
    described = []
    for variable in dataset.variables:
        length = variable.length or _length(dataset, variable)
        oid = variable.oid or f"IT.{dataset.name}.{variable.name}"
        item = given.get(variable.name, Item(variable=variable, mandatory=variable.key_sequence is not None))
        described.append(replace(item, variable=replace(item.variable, length=length, oid=oid)))
    return DatasetDefinition(
        oid=dataset.metadata.item_group_oid or f"IG.{dataset.name}", name=dataset.name, label=dataset.label,
        file=file, items=tuple(described),
    )  # fmt: skip


def check(definition: Definition) -> tuple[Fault, ...]:
    """Name what does not hold together: identifiers that are there twice, references that lead nowhere."""
    faults = _twice(definition)
    codes, methods, comments = (
        _oids(getattr(definition, name)) for name in ("code_lists", "methods", "comments")
    )
    lists, clauses = _oids(definition.value_lists), _oids(definition.where_clauses)
    standards = _oids(definition.standards)
    items = list(_items(definition))
    for item in items:
        place = f"item {item.variable.oid or item.variable.name}"
        faults += _dangling(place, "code list", (item.variable.code_list,), codes)
        faults += _dangling(place, "method", (item.method_oid,), methods)
        faults += _dangling(place, "comment", (item.comment_oid,), comments)
        faults += _dangling(place, "value list", (item.value_list_oid,), lists)
        faults += _dangling(place, "where clause", item.where_oids, clauses)
    for dataset in definition.datasets:
        place = f"dataset {dataset.name}"
        faults += _dangling(place, "standard", (dataset.standard_oid,), standards)
        faults += _dangling(place, "comment", (dataset.comment_oid,), comments)
    known = {item.variable.oid for item in items}
    for clause in definition.where_clauses:
        wanted = tuple(one.item_oid for one in clause.checks)
        faults += _dangling(f"where clause {clause.oid}", "item", wanted, known)
    return tuple(faults)


def mismatches(definition: Definition, datasets: Iterable[Dataset]) -> tuple[Fault, ...]:
    """Name where datasets are not as the definition says: variables, order, number or text."""
    faults = []
    for dataset in datasets:
        described = definition.dataset(dataset.name)
        if described is None:
            faults.append(fault(f"dataset {dataset.name}", "is not in the definition."))
            continue
        wanted = {variable.name: variable for variable in described.variables}
        for name in dataset.names:
            if name not in wanted:
                faults.append(fault(f"{dataset.name}.{name}", "is not in the definition."))
            elif _is_numeric(wanted[name]) != _is_numeric(dataset.variable(name)):
                kinds = (
                    f"{wanted[name].data_type.value} there and {dataset.variable(name).data_type.value} here."
                )
                faults.append(fault(f"{dataset.name}.{name}", f"is {kinds}"))
        faults += [fault(f"{dataset.name}.{name}", "is defined but not there.") for name in wanted
                   if name not in dataset]  # fmt: skip
    return tuple(faults)


def _is_numeric(variable: Variable) -> bool:
    """Say whether SAS would hold the variable as a number."""
    return define_type(variable) in ("integer", "float")


def _length(dataset: Dataset, variable: Variable) -> int:
    """Find the length that a column needs."""
    if variable.data_type.is_number or variable.target_type is not None:
        return NUMBER_LENGTH
    return max((len(text) for text in set(dataset[variable.name].tolist()) if text), default=1)


def _items(definition: Definition) -> Iterable[Item]:
    for dataset in definition.datasets:
        yield from dataset.items
    for value_list in definition.value_lists:
        yield from value_list.items


def _oids(things: Iterable[Standard | CodeList | Method | Comment | ValueList | WhereClause]) -> set[str]:
    return {thing.oid for thing in things}


def _dangling(place: str, kind: str, wanted: Sequence[str], known: set[str]) -> list[Fault]:
    return [
        fault(place, f"refers to the {kind} '{oid}', which is not there.")
        for oid in wanted
        if oid and oid not in known
    ]


def _twice(definition: Definition) -> list[Fault]:
    """Name identifiers that are there twice."""
    faults = []
    for kind in (
        "standards",
        "datasets",
        "value_lists",
        "where_clauses",
        "code_lists",
        "methods",
        "comments",
    ):
        oids = [one.oid for one in getattr(definition, kind)]
        words = kind.replace("_", " ")
        faults += [
            fault(words, f"'{oid}' is there twice.") for oid in sorted({o for o in oids if oids.count(o) > 1})
        ]
    return faults


def define_type(variable: Variable) -> str:
    """Return the word of Define-XML for the data type of a variable."""
    if variable.target_type is not None:
        return "integer" if variable.data_type in (DataType.DATE, DataType.TIME) else "float"
    return _DEFINE_TYPES[variable.data_type]


_DEFINE_TYPES: Mapping[DataType, str] = {
    DataType.STRING: "text",
    DataType.URI: "text",
    DataType.INTEGER: "integer",
    DataType.BOOLEAN: "integer",
    DataType.FLOAT: "float",
    DataType.DOUBLE: "float",
    DataType.DECIMAL: "float",
    DataType.DATE: "date",
    DataType.DATETIME: "datetime",
    DataType.TIME: "time",
}
