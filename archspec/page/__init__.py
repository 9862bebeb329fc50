"""Page: the explorable HTML page, its Python and, in `browser/`, its JavaScript, style and markup."""
