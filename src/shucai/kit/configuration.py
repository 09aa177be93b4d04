"""配置 configuration: kinds of content edited as drafts and published by a second person."""

from shucai.kernel.configuration.declare import Content, Kind, Place
from shucai.kernel.configuration.fields import Field
from shucai.kernel.configuration.parameters import Parameter, parameter
from shucai.kernel.configuration.reading import Current, current

__all__ = ["Content", "Current", "Field", "Kind", "Parameter", "Place", "current", "parameter"]
