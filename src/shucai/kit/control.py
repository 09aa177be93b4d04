"""控制 control: rules that a document must keep."""

from shucai.kernel.control.declare import Rule, rule

__all__ = ["Rule", "rule"]
