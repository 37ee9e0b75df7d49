"""Figures of a run that is graded: metrics with intervals, and the report that shows them.

report = make_report(tasks, header)
write_report(report, tasks, folder)     # report.json, report.html
"""
