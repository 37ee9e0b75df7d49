"""What is laid into a sandbox to trace a test there: read as text, never imported by Runoff; CPython 2.7 to 3.14."""
