"""Figures to text, tables, plots and a page."""

from __future__ import annotations

from imagemood.report.comparison import comparison_tables
from imagemood.report.contents import Contents
from imagemood.report.page import check_writable, write_report
from imagemood.report.text import render_text

__all__ = ["Contents", "check_writable", "comparison_tables", "render_text", "write_report"]
