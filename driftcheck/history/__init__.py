"""What changes with time: two trees compared by effect, the commit behind a finding, the life of every drift."""
