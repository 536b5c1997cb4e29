"""Edits that remove a finding, proved before they are shown."""
