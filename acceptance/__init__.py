"""The acceptance of the whole: a folder an area, a module an item (``python -m acceptance.batch.kills.resume``).

Each measures, writes docs/measurements/<item>.json whatever came out, and fails when a check fails.
"""
