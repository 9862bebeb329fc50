"""Checks of a spec that hold whatever its settings are. Each gathers all the mistakes it finds."""
