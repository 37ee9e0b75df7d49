"""Rows of SWE-bench that measurements on real instances begin with."""
