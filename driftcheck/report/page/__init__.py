"""The HTML page: its template, style and script, and what makes their parts."""
