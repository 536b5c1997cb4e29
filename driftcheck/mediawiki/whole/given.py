"""What the surroundings give: the values that are assumed of the request, of the cluster and of MediaWiki."""

from __future__ import annotations

from typing import Any

ROOT = "/srv/mediawiki"
"""Where the tree stands on a server: ``__DIR__`` of wmf-config is a folder in it."""

ETCD = {"common/WMFMasterDatacenter": "eqiad"}
"""What etcd answers, by key."""

DBCONFIG = ("readOnlyBySection", "hostsByName", "sectionLoads", "externalLoads", "groupLoadsBySection")
"""The parts of the databases' configuration in etcd, which are taken for empty."""

ARRAYS = ("wgFileExtensions", "wgProhibitedFileExtensions", "wgCSPFalsePositiveUrls", "wgLogRestrictions",
           "wgMimeTypeExclusions", "wgImplicitGroups", "wgExtraNamespaces", "wgNamespacesWithSubpages",
           "wgMimeTypeBlacklist", "wgFileBlacklist", "wgSoftwareTags", "wgCirrusSearchWeights",
           "wgCirrusSearchNamespaceWeights", "wgFlaggedRevsAutopromote", "wgSquidServersNoPurge",
           "wgWBClientSettings", "wgWBRepoSettings")  # fmt: skip
"""Settings of core and extensions that are arrays before the configuration runs; nothing of what is in them is known."""

CONSTANTS: dict[str, Any] = {
    "PHP_SAPI": "fpm-fcgi", "PATH_SEPARATOR": ":", "PHP_VERSION": "8.2.0", "PHP_VERSION_ID": 80200, "PHP_OS": "Linux",
    "PHP_OS_FAMILY": "Linux", "MEDIAWIKI": True, "MW_ENTRY_POINT": "index", "LC_ALL": 6, "FILE_IGNORE_NEW_LINES": 2,
    "FILE_SKIP_EMPTY_LINES": 4, "LOCK_EX": 2, "PREG_SPLIT_NO_EMPTY": 1, "PREG_SPLIT_DELIM_CAPTURE": 2,
    "LOG_USER": 8, "LOG_DEBUG": 7, "LOG_INFO": 6, "LOG_ERR": 3, "LOG_WARNING": 4, "LOG_LOCAL0": 128, "LOG_UDP": 17,
    "DBO_DEBUG": 1, "DBO_NOBUFFER": 2, "DBO_IGNORE": 4, "DBO_TRX": 8, "DBO_DEFAULT": 16, "DBO_PERSISTENT": 32,
    "CUDCOND_AFTER": "registered-after", "CUDCOND_ANON": "anonymous-user", "CUDCOND_NAMED": "named-user",
    "CUDCOND_USERGROUP": "usergroup", "ARRAY_FILTER_USE_KEY": 2, "ARRAY_FILTER_USE_BOTH": 1, "E_USER_ERROR": 256,
    "E_USER_WARNING": 512, "E_USER_NOTICE": 1024, "JSON_THROW_ON_ERROR": 4194304, "JSON_PRETTY_PRINT": 128, "JSON_UNESCAPED_SLASHES": 64, "JSON_UNESCAPED_UNICODE": 256, "M_E": 2.718281828459045,
    "FR_INCLUDES_CURRENT": 0, "FR_INCLUDES_FREEZE": 1, "FR_INCLUDES_STABLE": 2, "SORT_REGULAR": 0, "SORT_STRING": 2,
    "MIGRATION_OLD": 0, "MIGRATION_WRITE_BOTH": 1, "MIGRATION_WRITE_NEW": 2, "MIGRATION_NEW": 3,
    "Wikibase\\Search\\Elastic\\Hooks::LANGUAGE_SELECTOR_PREFIX": "language_selector_prefix",
    "Wikibase\\Search\\Elastic\\EntitySearchElastic::CONTEXT_WIKIBASE_PREFIX": "wikibase_prefix_search",
}  # fmt: skip
"""Constants of PHP, of MediaWiki and of extensions that the tree does not define."""

UNDEFINED = ("MW_API", "MW_REST_API", "MW_NO_EXTENSION_MESSAGES", "HHVM_VERSION", "MW_PHPUNIT_TEST", "TESTWIKI")
"""Constants that are not defined for a page view."""

EXTRA_SECRETS = ("wgDBuser", "wgDBpassword", "wgSecretKey", "wmgCaptchaSecret", "wmgCaptchaPassword", "wmgRedisPassword",
                  "wmgElectronSecret", "wmgContentTranslationCXServerAuthKey")  # fmt: skip
"""Secrets that the tree reads and does not declare."""
