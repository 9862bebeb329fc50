"""Measures: what archspec counts. A module here that declares a `MEASURE` adds one; `known.py` finds it.

A measure sees ops with their costs and shapes. It knows neither the graph nor what shows it.
"""
