"""Expected spine labels: templates as data, line breaks by scheme, text that does not fit, and comparison with actual
labels."""

from station.catalog.labels.compare import Difference, LineDifference, compare, compare_scan, is_about, split_like
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
    "compare_scan",
    "expected_label",
    "is_about",
    "label_of",
    "labelled",
    "parse",
    "shipped",
    "split_like",
]
