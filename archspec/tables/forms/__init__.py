"""Forms: a file for each table format. A module here that declares a `FORM` is one; `tables.py` finds it.

All of them are imported to learn their names. So what only differences need is imported where they are written.
"""
