"""Scales: a sheet of what has several resolutions: a band of lanes for each, the finest on top, columns for depth.

Nothing here knows of networks; what stands in which band is given.
"""
