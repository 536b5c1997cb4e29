"""Methods that are answered from outside: of core's classes, and of the tree's where the arrays know better."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from driftcheck.core.model import Input, Unknown, Value
from driftcheck.mediawiki.whole import versions
from driftcheck.mediawiki.whole.around import around
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library import Call


def _globals(call: Call) -> Result:
    host = around(call)
    return host.globals


def _static_config(call: Call) -> Result:
    host = around(call)
    return host.settings


def _read_list(call: Call) -> Result:
    host = around(call)
    name = call.text(0)
    return host.list_of(call, posixpath.basename(name).removesuffix(".dblist"))


def _databases(call: Call) -> Result:
    assert call.this is not None
    slot = call.this.properties.get("wikis")
    held = Value({}) if slot is None else call.frame.machine.turn.through(slot)
    return held if isinstance(held, (Value, Unknown)) else Value({})


def _etcd_get(call: Call) -> Result:
    name = call.text(0)
    inputs = around(call).inputs
    held = inputs.get("etcd", name if inputs.knows("etcd", name) else f"*/{posixpath.basename(name)}")
    return call.result(held.data if isinstance(held, Value) else None)


def _etcd_common(call: Call) -> Result:
    """``MultiConfig`` of 2017: the data centre's EtcdConfig, then the common one."""
    name = call.text(0)
    inputs = around(call).inputs
    held = inputs.get("etcd", f"common/{name}" if inputs.knows("etcd", f"common/{name}") else f"*/{name}")
    return call.result(held.data if isinstance(held, Value) else None)


def _etcd_index(call: Call) -> Result:
    held = around(call).inputs.get("etcd", "modifiedIndex")
    return call.result(held.data if isinstance(held, Value) else None)


def _setting_of(call: Call) -> Result:
    """``$wgConf->get( 'wgX', wiki )``: only asked for the language of the wiki itself, by the arrays' own code."""
    host = around(call)
    if call.text(0) not in host.columns:
        return call.result(None)
    facets = host.columns[call.text(0)]
    wiki = call.text(1)
    number = next((n for n, one in enumerate(host.config.wikis) if one.dbname == wiki), None)
    if number is None:
        raise NotEvaluated("a setting of a wiki that is not there")
    held = facets.at(number)[1]
    return held if isinstance(held, (Value, Unknown)) else call.result(None)


def _site_from_db(call: Call) -> Result:
    """The family and the language of a wiki, as the wiki's own settings have them."""
    host = around(call)
    name = call.text(0)
    wiki = next((one for one in host.config.wikis if one.dbname == name), None)
    if wiki is None:
        raise NotEvaluated("siteFromDB() of a wiki that is not there")
    by_name = dict(wiki.replacements)
    return call.result({0: Value(by_name.get("$site")), 1: Value(by_name.get("$lang"))})


def _disabled(call: Call) -> Result:
    return call.result(Input(f'closure:core:DisabledSpecialPage::getCallback("{call.text(0)}")'))


METHODS: dict[tuple[str, str], Callable[[Call], Result]] = {
    **versions.METHODS,
    ("WmfConfig", "getconfigglobals"): _globals,
    ("MWConfigCacheGenerator", "getconfigglobals"): _globals,
    ("MWConfigCacheGenerator", "getcachableconfig"): _globals,
    ("MWConfigCacheGenerator", "getmwconfigforcacheing"): _globals,
    ("MWConfigCacheGenerator", "readfromstaticcache"): lambda call: call.result(None),
    ("MWConfigCacheGenerator", "writetostaticcache"): lambda call: call.result(None),
    ("MWConfigCacheGenerator", "readfromserialisedcache"): lambda call: call.result(None),
    ("MWConfigCacheGenerator", "writetoserialisedcache"): lambda call: call.result(None),
    ("WmfConfig", "getstaticconfig"): _static_config,
    ("MWConfigCacheGenerator", "getstaticconfig"): _static_config,
    ("WmfConfig", "readdblistfile"): _read_list,
    ("MWWikiversions", "readdblistfile"): _read_list,
    ("SiteConfiguration", "getlocaldatabases"): _databases,
    ("SiteConfiguration", "getall"): _globals,
    ("SiteConfiguration", "sitefromdb"): _site_from_db,
    ("StaticSiteConfiguration", "sitefromdb"): _site_from_db,
    ("StaticSiteConfiguration", "getlocaldatabases"): _databases,
    ("StaticSiteConfiguration", "getall"): _globals,
    ("StaticSiteConfiguration", "get"): _setting_of,
    ("SiteConfiguration", "get"): _setting_of,
    ("EtcdConfig", "get"): _etcd_get,
    ("MultiConfig", "get"): _etcd_common,
    ("EtcdConfig", "has"): lambda call: call.result(True),
    ("EtcdConfig", "getmodifiedindex"): _etcd_index,
    ("DisabledSpecialPage", "getcallback"): _disabled,
}
