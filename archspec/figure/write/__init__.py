"""Write: a file for each picture format, which turns one picture into bytes and knows nothing else.

A module here that declares a `FORMAT` is a format; `archspec/pictures.py` finds it. All of them are imported to learn
their suffixes, so a library that a format needs is imported where it writes. What is no format lives in `text/`.
"""
