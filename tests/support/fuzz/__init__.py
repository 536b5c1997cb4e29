"""PHP's own answers and this project's, side by side: for programs of a corpus, and for programs made at random."""
