"""What a picture says: boxes, edges, frames and their words, before any layout. `depict` is where to start reading."""
