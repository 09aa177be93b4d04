"""Management commands of the house."""
