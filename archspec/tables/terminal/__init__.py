"""Tables for the terminal, made with rich: a file for each thing shown, so that one loads nothing of the others."""
