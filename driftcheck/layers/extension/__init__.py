"""The settings of MediaWiki extensions, in mediawiki-config."""
