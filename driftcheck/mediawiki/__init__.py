"""What MediaWiki and wmf-config make of configuration: files, wikis, the cascade, registration."""
