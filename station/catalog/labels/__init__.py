"""Expected spine labels: templates as data, breaking by scheme, what does not fit, and comparing with what is there."""

from station.catalog.labels.compare import Difference, LineDifference, compare
from station.catalog.labels.expected import ExpectedLabel, Line, expected_label
from station.catalog.labels.labelled import label_of, labelled
from station.catalog.labels.template import Template, parse, shipped

__all__ = [
    "Difference",
    "ExpectedLabel",
    "Line",
    "LineDifference",
    "Template",
    "compare",
    "expected_label",
    "label_of",
    "labelled",
    "parse",
    "shipped",
]
