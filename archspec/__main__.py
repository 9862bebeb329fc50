"""`python -m archspec`, the same as `archspec`."""

from archspec.cli import main

main()
