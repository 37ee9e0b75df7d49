"""What is laid into a sandbox to record calls there: read as text, never imported by Runoff; CPython 3.6 and later."""
