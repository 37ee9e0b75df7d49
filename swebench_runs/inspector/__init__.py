"""A run's files as a person reads them: plain lines, a browser in the terminal, pages of HTML.

    show_run(run, console)          # plain.py
    Browser(run).run()              # browser.py
    write_pages(run, folder)        # pages.py

All three show what ``task_view`` and ``trajectory_view`` make of the records, and write nothing into the run.
"""
