"""What time did: who brought a finding, and how long drift lives."""
