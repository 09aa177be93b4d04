"""主数据 master data: element and unit fields of documents, what may stand beside what, and the
rooms and records that the registers of the public service centre are made of."""

from shucai.kernel.masterdata import (
    codes,
    editing,
    explaining,
    exporting,
    importing,
    keeping_jobs,
    levels,
    listing,
    mapping,
    offering,
    project_names,
    publishing,
    relations,
    units,
    usage,
    value_rules,
    values,
    years,
)
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.fields import element, project_name, unit
from shucai.kernel.masterdata.keeping import KEEPER
from shucai.kernel.masterdata.models import (
    CodeMapping,
    CodeRule,
    Division,
    ElementLevel,
    ElementRelation,
    Publication,
    Unit,
    Value,
    ValueRule,
    ValueSet,
)
from shucai.kernel.masterdata.project_names import Naming
from shucai.kernel.masterdata.relations import allowed, derived
from shucai.kernel.masterdata.values import name_of

__all__ = [
    "KEEPER",
    "CodeMapping",
    "CodeRule",
    "Division",
    "ElementLevel",
    "ElementRelation",
    "Naming",
    "Place",
    "Publication",
    "Unit",
    "Value",
    "ValueRule",
    "ValueSet",
    "allowed",
    "codes",
    "derived",
    "editing",
    "element",
    "explaining",
    "exporting",
    "importing",
    "keeping_jobs",
    "levels",
    "listing",
    "mapping",
    "name_of",
    "offering",
    "project_name",
    "project_names",
    "publishing",
    "relations",
    "unit",
    "units",
    "usage",
    "value_rules",
    "values",
    "years",
]
