"""Pages from results: of runs, of comparisons, of bottleneck ladders, of studies."""

from twin.report.comparison import render_comparison as render_comparison
from twin.report.comparison import write_comparison as write_comparison
from twin.report.ladder import render_ladder as render_ladder
from twin.report.ladder import write_ladder as write_ladder
from twin.report.page import render_report as render_report
from twin.report.page import write_report as write_report
from twin.report.study import render_study as render_study
from twin.report.study import write_study as write_study
