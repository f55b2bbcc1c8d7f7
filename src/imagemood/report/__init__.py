"""Evaluations and comparisons as text, as tables for a terminal, and as a web page with plots."""

from __future__ import annotations

from imagemood.report.comparison import comparison_tables, format_best
from imagemood.report.page import check_report_folder, write_report
from imagemood.report.report_data import ReportData
from imagemood.report.text import format_evaluation

__all__ = [
    "ReportData",
    "check_report_folder",
    "comparison_tables",
    "format_best",
    "format_evaluation",
    "write_report",
]
