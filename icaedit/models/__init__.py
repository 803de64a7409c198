"""Generator, encoder and the files they come in."""
