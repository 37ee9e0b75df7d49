"""One trajectory: its effects on record and budgeted, and why it ended.

with Journal(path, header) as journal:
    session = Session(journal, model, bench, ledger)
    ending = session.conclude(body)     # whatever happens in ``body`` is an Ending
"""
