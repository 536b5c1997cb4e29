"""Readers: from the bytes of a snapshot to values that know where they were written."""
