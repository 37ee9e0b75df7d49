"""The acceptance of the whole, one module an item: ``python -m acceptance.<item>`` (``make acceptance``).

Each measures, writes docs/measurements/<item>.json whatever came out, and fails when a check fails.
"""
