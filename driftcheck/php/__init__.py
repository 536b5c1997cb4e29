"""PHP without PHP: reads and evaluates source text; knows nothing of MediaWiki."""
