"""Forms: a file for each table format. A module here that declares a `FORM` is one; `tables.py` finds it."""
