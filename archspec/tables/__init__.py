"""Tables: reports, differences and references as text, JSON, CSV and Markdown, a file for each form."""
