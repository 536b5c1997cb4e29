"""What everything is made of: values, findings, and the comparison of two values. Read this first."""
