"""Diagnostics: one mistake, one message; the codes with their explanations; one renderer per form."""
