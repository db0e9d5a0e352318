"""Pages from saved runs: `render_report`, `write_report`, `render_comparison`, `write_comparison`."""

from twin.report.comparison import render_comparison as render_comparison
from twin.report.comparison import write_comparison as write_comparison
from twin.report.page import render_report as render_report
from twin.report.page import write_report as write_report
