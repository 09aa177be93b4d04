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
    publishing,
    relations,
    units,
    usage,
    value_rules,
    values,
    years,
)
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.fields import element, unit
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
from shucai.kernel.masterdata.relations import allowed, derived
from shucai.kernel.masterdata.values import name_of

__all__ = [
    "KEEPER",
    "CodeMapping",
    "CodeRule",
    "Division",
    "ElementLevel",
    "ElementRelation",
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
    "publishing",
    "relations",
    "unit",
    "units",
    "usage",
    "value_rules",
    "values",
    "years",
]
