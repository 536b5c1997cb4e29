"""What became of each finding: waivers, baselines, and revisions to compare with."""
