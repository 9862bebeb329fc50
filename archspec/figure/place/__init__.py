"""Place: where everything stands, in points. `drawing` is where to start reading; no words are chosen here."""
