"""The HTML page: its structure by an HTML parser, its filters in a real browser."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import shutil

import html5lib
import pytest
from support.reports import report_on, run_on
from support.trees import DATE, OVERLAY, tree
from support.values import value

from driftcheck.core.disposition import Baselined, Preexisting, Waived, Waiver
from driftcheck.core.finding import Finding, Side
from driftcheck.core.model import MISSING, Hole, Op, Span, Step, Unknown
from driftcheck.core.report import Report, SnapshotInfo
from driftcheck.engine import check
from driftcheck.layers.registry import RULES
from driftcheck.report.html import Matrix, matrix_of, render
from driftcheck.report.page import excerpts

ON = "'wmgUseORES' => [ 'default' => true ],\n"
MODELS = "'wgOresModels' => [ 'default' => [ 'damaging' => true, 'goodfaith' => {}, 'reverted' => false, 'wp10' => false ] ],"
INCIDENT = tree(
    ON + MODELS.format("true") + "\n'wgOresExcludeBots' => [ 'default' => true ],",
    MODELS.format("false"),
    wikis=("enwiki", "frwiki", "ruwiki"),
    beta_wikis=("enwiki", "ruwiki"),
)
COVERED = {
    "wikis_compared": 2,
    "wikis_production": 9,
    "wikis_beta": 3,
    "extension_on_production": 3,
    "extension_on_beta": 2,
}
READ = tuple(SnapshotInfo("extension", realm, ".", "a" * 40) for realm in ("production", "beta"))


SIGNED = Waived(Waiver("setting-drift", "a trial", "ann", "2027-03-31", Span("w.yaml", "", 4, 1, 4, 9), "T1"))


def nothing(_path, _revision):
    return None


def incident():
    run = run_on(INCIDENT)
    report = check(run)
    return report, matrix_of(run.comparison, report, {}), lambda path, _: INCIDENT.get(path)


def parsed(html):
    """The page as a tree; the parser refuses what is not HTML."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False, strict=False)
    root = parser.parse(html).getroot()
    assert parser.errors == []
    return root


def words(node):
    return " ".join("".join(node.itertext()).split())


def a_finding(rule="setting-drift", setting="wgX", path="", wikis=("enwiki",), message="differs", **other):
    span = Span("wmf-config/x.php", "", 3, 1, 3, 5)
    sides = {"production": Side(value(True), span), "beta": Side(value(False), span)}
    return Finding(RULES[rule], "extension", setting, path, wikis, message, **(sides | other))


def a_report(*findings, incomplete=()):
    return Report(findings, tuple(incomplete), READ, COVERED)


def page_of(*findings, sources=nothing, matrix=None, **other):
    return parsed(render(a_report(*findings, **other), matrix or Matrix((), ()), sources))


# -- the matrix ------------------------------------------------------------------------------------------------------


def test_the_matrix_says_what_became_of_each_setting_on_each_wiki():
    _, matrix, _ = incident()
    rows = {name: dict(zip(matrix.settings, letters, strict=True)) for name, letters in matrix.rows}
    assert list(rows) == ["enwiki", "frwiki", "ruwiki"]
    assert rows["enwiki"]["wgOresModels"] == "!"
    assert rows["enwiki"]["wgOresExcludeBots"] == "="
    assert set(rows["frwiki"].values()) == {"-"}
    assert matrix.day == DATE


def test_a_waived_finding_is_a_cell_of_its_own():
    run = run_on(INCIDENT)
    report = check(run)
    signed = report._replace(findings=tuple(f._replace(disposition=Baselined("b.json")) for f in report.findings))
    matrix = matrix_of(run.comparison, signed, {})
    assert dict(matrix.rows)["enwiki"][matrix.settings.index("wgOresModels")] == "w"


def test_what_is_not_known_is_a_cell_of_its_own_and_drift_outweighs_it():
    unknown = a_finding("undetermined-value", "wgOresWikiId", wikis=("enwiki", "frwiki"))
    drift = a_finding("setting-drift", "wgOresWikiId", wikis=("enwiki",))
    run = run_on(tree(ON + "'wgOresWikiId' => [ 'default' => getenv( 'WIKI' ) ],", MODELS.format("true")))
    report = check(run)
    assert any(finding.rule.id == "undetermined-value" for finding in report.findings)
    for findings, wanted in (
        ((), {"enwiki": "?", "frwiki": "?"}),
        ((unknown,), {"enwiki": "?", "frwiki": "?"}),
        ((unknown, drift), {"enwiki": "!", "frwiki": "?"}),
    ):
        matrix = matrix_of(run.comparison, report._replace(findings=findings), {})
        column = matrix.settings.index("wgOresWikiId")
        assert {name: letters[column] for name, letters in matrix.rows} == wanted
    page = page_of(unknown, drift, matrix=Matrix(("wgOresWikiId",), (("enwiki", "!"), ("frwiki", "?"))))
    order = page.xpath("//article/@id")
    assert page.xpath("//td/a/@href") == [f"#{order[1]}", f"#{order[0]}"]
    assert "Of 2 wikis, 1 diverges in a setting; 1 has an unknown value." in words(page)


def test_a_wiki_where_the_extension_is_off_in_beta_has_nothing_to_compare():
    run = run_on(tree(ON + MODELS.format("true"), "'wmgUseORES' => [ 'frwiki' => false ],"))
    matrix = matrix_of(run.comparison, check(run), {})
    cells = dict(zip(matrix.settings, dict(matrix.rows)["frwiki"], strict=True))
    assert cells["wmgUseORES"] == "!"
    assert cells["wgOresModels"] == "."


def test_a_cell_links_to_its_finding_and_the_first_that_counts_wins():
    waived = a_finding(message="one", disposition=Preexisting("abc"))
    active = a_finding(message="two", path="b")
    page = page_of(waived, active, matrix=Matrix(("wgX", "wgY"), (("enwiki", "!="), ("frwiki", "--"))))
    (link,) = page.xpath("//td/a")
    (article,) = page.xpath(f"//article[@id='{link.get('href')[1:]}']")
    assert "two" in words(article)
    assert [words(cell) for cell in page.xpath("//tbody/tr[2]/td")] == ["- not in beta"]
    assert [words(head) for head in page.xpath("//thead//th")] == ["2 wikis", "wgX1", "wgY"]


def test_very_many_settings_are_cut_into_tables_and_the_quiet_ones_only_named():
    settings = tuple(f"wgSetting{n:03}" for n in range(120))
    page = page_of(matrix=Matrix(settings, (("enwiki", "!" * 50 + "=" * 70),)))
    assert [len(table.xpath(".//thead//th")) - 1 for table in page.xpath("//table")] == [36, 14]
    assert "70 settings in scope diverge on no wiki" in words(page)
    assert "wgSetting119" in words(page)


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_page_tells_the_incident():
    report, matrix, sources = incident()
    page = parsed(render(report, matrix, sources))
    assert words(page.xpath("//h1")[0]) == "Drift"
    (group,) = page.xpath("//section[@data-rule='model-off-in-beta']")
    assert RULES["model-off-in-beta"].fix in words(group)
    assert RULES["model-off-in-beta"].why in words(group.xpath(".//details")[0])
    (article,) = group.xpath(".//article")
    text = words(article)
    assert "wgOresModels.goodfaith.enabled" in text
    assert "2 wikis enwiki, ruwiki" in text
    assert [words(side) for side in article.xpath(".//h5/following-sibling::pre[1]")] == ["true", "false"]
    assert [words(mark) for mark in article.xpath(".//pre[@class='s']//mark")] == ["true", "false"]
    assert all(">" in words(line) for line in article.xpath(".//pre[@class='s']/b"))
    assert "literal" in text
    assert next(f for f in report.findings if f.rule.id == "model-off-in-beta").fingerprint in text
    assert DATE in words(page.xpath("//dl[@class='facts']")[0])


@pytest.mark.parametrize(
    ("findings", "holes", "wanted"),
    [
        ((), (), "No drift"),
        ((a_finding(),), (), "Drift, no errors"),
        ((a_finding("model-off-in-beta"),), (), "Drift"),
        ((a_finding(disposition=Baselined("b")),), (), "No new drift"),
        ((a_finding(disposition=Preexisting("a")), a_finding(disposition=SIGNED)), (), "No new drift"),
        ((a_finding(disposition=SIGNED),), (), "All drift is approved"),
        (
            (a_finding("undetermined-value", disposition=Preexisting("a")),),
            (),
            "No new drift, but some values are unknown",
        ),
        ((a_finding("undetermined-value", disposition=SIGNED),), (), "No new drift, but some values are unknown"),
        ((), (Hole("not read", None),), "Incomplete: no verdict"),
        ((a_finding(),), (Hole("not read", Span("a.php", "", 7, 1, 7, 1)),), "Drift, and incomplete"),
    ],
    ids=[
        "nothing",
        "a warning",
        "an error",
        "one of the baseline",
        "an old and a signed one",
        "a signed one",
        "an old unknown",
        "a signed unknown",
        "a hole",
        "a hole and drift",
    ],
)
def test_verdict(findings, holes, wanted):
    page = page_of(*findings, incomplete=holes)
    assert words(page.xpath("//h1")[0]) == wanted
    assert ("not read" in words(page)) is bool(holes)
    assert ("not evaluated" in words(page.xpath("//ul[@class='counts']")[0])) is bool(holes)


def test_where_no_wiki_was_compared_there_is_no_verdict_of_no_drift():
    report = a_report()._replace(coverage=COVERED | {"wikis_compared": 0})
    page = parsed(render(report, Matrix((), ()), nothing))
    assert words(page.xpath("//h1")[0]) == "No wiki was compared"


def test_many_holes_are_folded_and_none_is_dropped():
    page = page_of(incomplete=[Hole(f"hole {n}", None) for n in range(9)])
    told = page.xpath("//section[@class='holes']/ul/li"), page.xpath("//section[@class='holes']/details//li")
    assert [[words(item) for item in part] for part in told] == [
        [f"hole {n}" for n in range(5)],
        [f"hole {n}" for n in range(5, 9)],
    ]


def test_the_top_names_what_counts_most():
    findings = [a_finding(message=f"drift {n}", path=str(n), wikis=("enwiki", "frwiki")) for n in range(5)]
    signed = a_finding(message="signed", disposition=SIGNED)
    page = page_of(signed, *findings)
    assert [words(item) for item in page.xpath("//ul[@class='first']/li")] == [f"drift {n} 2 wikis" for n in range(3)]
    for link in page.xpath("//ul[@class='first']//a/@href"):
        assert page.xpath(f"//article[@id='{link[1:]}']")


@pytest.mark.parametrize(
    ("rule", "shown"),
    [("setting-drift", ["production", "beta"]), ("int-keys-renumbered", ["production"])],
    ids=["of two realms, where beta has nothing", "of one realm, where beta plays no part"],
)
def test_a_side_that_the_finding_is_not_about_is_not_called_absent(rule, shown):
    page = page_of(a_finding(rule, beta=Side(MISSING)))
    assert [words(head).split()[0] for head in page.xpath("//h5")] == shown
    assert ("(absent)" in words(page)) is (shown == ["production", "beta"])


@pytest.mark.parametrize(
    ("disposition", "wanted"),
    [
        (SIGNED,
         ["reason a trial", "owner ann", "until 2027-03-31", "task T1", "written in w.yaml:4"]),
        (Baselined("base.json"), ["in the baseline base.json"]),
        (Preexisting("abc123"), ["already in abc123"]),
    ],
    ids=["waived", "baselined", "preexisting"],
)  # fmt: skip
def test_a_finding_that_does_not_count_says_why(disposition, wanted):
    page = page_of(a_finding(disposition=disposition))
    assert page.xpath("//article/@data-state") == [disposition.state]
    assert [" ".join(map(words, row)) for row in page.xpath("//dl[@class='signed']/div")] == wanted


def test_where_a_file_cannot_be_had_the_place_stands_alone():
    span = Span("extensions/ORES/extension.json", "0daaf565adff", 134, 1, 134, 1)
    page = page_of(a_finding(production=Side(value({"a": [1, 2]}), span), beta=Side(MISSING)))
    assert page.xpath("//pre[@class='s']") == []
    assert [words(head) for head in page.xpath("//h5")] == [
        "production extensions/ORES/extension.json:134 at 0daaf565ad",
        "beta",
    ]


def test_values_are_pretty_printed_and_what_the_other_side_lacks_is_marked():
    same = {f"a_rather_long_key_{n}": n for n in range(4)}
    page = page_of(a_finding(production=Side(value(same | {"z": 1})), beta=Side(value(same | {"z": 2}))))
    assert [words(mark) for mark in page.xpath("//article//mark")] == ['"z": 1', '"z": 2']
    unknown = page_of(a_finding(production=Side(Unknown("a call"))))
    assert "(unknown: a call)" in words(unknown)


def test_a_place_of_many_lines_is_shown_by_its_first():
    text = b"".join(b"\tline %d\r\n" % n for n in range(1, 60))
    page = page_of(
        a_finding(production=Side(value(1), Span("x", "", 20, 1, 50, 3)), beta=Side()), sources=lambda *_: text
    )
    lines = page.xpath("//pre[@class='s']/*")
    assert [line.tag for line in lines] == ["i", "i", *"b" * 10]
    assert words(lines[0]) == "18 line 18"


def test_a_list_of_wikis_is_told_once():
    wikis = tuple(f"w{n:03}wiki" for n in range(100))
    page = page_of(a_finding(wikis=wikis, path="a"), a_finding(wikis=wikis, path="b"))
    first, second = page.xpath("//article")
    assert wikis[99] in words(first)
    assert "100 wikis, the same as in finding 1" in words(second)


def test_a_finding_has_the_same_anchor_tomorrow():
    first, second = a_finding(path="a"), a_finding(path="b")
    today, tomorrow = page_of(first, second), page_of(second)
    assert today.xpath("//article/@id")[1:] == tomorrow.xpath("//article/@id")


def test_a_large_page_lists_each_line_once_at_the_end(monkeypatch):
    monkeypatch.setattr("driftcheck.report.html._MAX_INLINE", 10)
    text = b"".join(b"line %d of the file\n" % n for n in range(1, 60))
    near = [
        a_finding(path=str(n), production=Side(value(n), Span("x", "", n, 1, n, 5)), beta=Side()) for n in (10, 11, 40)
    ]
    page = page_of(*near, sources=lambda *_: text)
    (listing,) = page.xpath("//section[@class='listings']//pre")
    assert [words(line).split()[0] for line in listing] == [*map(str, range(8, 14)), "...", *map(str, range(38, 43))]
    for link in page.xpath("//h5/a/@href"):
        assert page.xpath(f"//b[@id='{link[1:]}']")


def test_listings_lose_context_before_they_lose_places(monkeypatch):
    monkeypatch.setattr(excerpts, "MAX_LISTED", 4)
    files = excerpts.Files(lambda *_: b"\n".join(b"l" for _ in range(99)))
    places = [Span("x", "", n, 1, n, 1) for n in (10, 20, 30)]
    assert [line.number for line, _ in files.listings(places)[0]["lines"]] == [10, 20, 30]
    many = [Span("x", "", n, 1, n, 1) for n in range(10, 90, 10)]
    assert [line.number for line, _ in files.listings(many)[0]["lines"]] == [10, 20, 30, 40]
    assert files.anchor(many[0])
    assert not files.anchor(many[7])


# -- what comes from outside takes no effect -------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "<!--",
    "-->]]><b>",
    "<pre></pre></pre><i>",
    "&lt;script&gt;&#34;&quot;&#39;",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "\x00\x01\x1b[31m\x07\x9b",
    "\u202egnp.exe\u2066\u200f",
    "\u2028\u2029\ud800\ufeff",
    "\r\n::error::x",
    "漢" * 700_000,
]


@pytest.mark.unmeasured
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:24]).replace("\\", "/"))
def test_hostile_text_everywhere(text):
    span = Span(text, text, 1, 1, 1, 4)
    steps = (Step(Op.LITERAL, text, span), Step(Op.SELECT, "", Span("other" + text, "", 2, 1, 2, 1)))
    sides = {
        "production": Side(value({text: text, "b": [text]}), span, steps),
        "beta": Side(Unknown(text), replace_path(span), steps),
    }
    waiver = Waiver(text, text, text, text, span, text)
    findings = (
        a_finding(setting=text, path=text, wikis=(text, "enwiki"), message=text, **sides),
        a_finding(setting=text, path="2", wikis=(text,), message=text, disposition=Waived(waiver)),
        a_finding(path="3", disposition=Preexisting(text)),
        a_finding(path="4", disposition=Baselined(text)),
    )
    report = Report(findings, (Hole(text, span),), (SnapshotInfo(text, text, text, text),), COVERED)
    html = render(
        report, Matrix((text, "wgY"), ((text, "!."), ("enwiki", "w-"))), lambda *_: text.encode("utf-8", "replace") * 2
    )
    assert len(html) < 200_000
    html.encode("utf-8")
    page = parsed(html)
    assert len(page.xpath("//script")) == 2
    known = {node.tag for node in parsed(filtered_page()).iter("*")} | {"code", "mark"}
    assert {node.tag for node in page.iter("*")} <= known
    for node in page.iter("*"):
        assert not [
            name for name in node.attrib if name.startswith("on") or name in {"style", "src", "srcset", "action"}
        ]
        assert node.get("href", "#").startswith("#")
    shown = re.sub(r"\n|\t", " ", "".join(page.itertext()))
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", shown)
    names = json.loads(page.xpath("//script[@id='data']")[0].text)["wikis"]
    assert len(names) == 2


def replace_path(span):
    return span._replace(path="x" + span.path)


def test_the_policy_allows_exactly_the_style_and_the_script_of_the_page():
    page = page_of(a_finding())
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    def allowed(node):
        return "'sha256-" + base64.b64encode(hashlib.sha256(node.text.encode()).digest()).decode() + "'"

    (style,), (script,) = page.xpath("//style"), page.xpath("//script[not(@type)]")
    assert rules == {
        "default-src": "'none'",
        "style-src": allowed(style),
        "script-src": allowed(script),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_ids_are_unique_and_every_link_arrives():
    page = parsed(render(*incident()))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.xpath("//a/@href")} <= set(ids)
    assert {
        name for names in page.xpath("//@aria-labelledby | //@aria-describedby | //@for") for name in names.split()
    } <= set(ids)


@pytest.mark.unmeasured
def test_2000_findings_on_1000_wikis_are_rendered_in_3_megabytes():
    wikis = [f"w{n:03}wiki" for n in range(1000)]
    settings = tuple(f"wgOresSetting{n}" for n in range(30))
    overlay = b"".join(b"\t\t'wgOresSetting%d' => [ 'default' => true, 'enwiki' => false ],\n" % n for n in range(6000))
    rules = list(RULES)[:10]
    findings = []
    for n in range(2000):
        sides = {}
        for role, path in (("production", "wmf-config/InitialiseSettings.php"), ("beta", OVERLAY)):
            span = Span(path, "a" * 40, n + 10, 21, n + 10, 30)
            steps = (
                Step(Op.LITERAL, "", span),
                Step(Op.SELECT, f"{settings[n % 30]}[default]", span._replace(line=n + 8)),
            )
            sides[role] = Side(value({"enabled": role == "beta", "namespaces": [0, n % 7]}), span, steps)
        found = tuple(wikis[n % 700 : n % 700 + (1, 2, 5, 20, 200)[n % 5]])
        findings.append(a_finding(rules[n % 10], settings[n % 30], f"model{n}", found, f"model{n} differs", **sides))
    rows = tuple((name, "-" * 30 if n % 3 == 0 else "=!w.=" * 6) for n, name in enumerate(wikis))
    html = render(a_report(*findings), Matrix(settings, rows), lambda *_: overlay)
    assert len(html.encode()) < 3_000_000


# -- in a browser ----------------------------------------------------------------------------------------------------

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1200,900",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A page of its own in a real Chromium, whose console and requests are kept."""
    if not (CHROMIUM and DRIVER):
        pytest.skip("no chromium with chromedriver on this machine: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page; afterwards nothing was refused, nothing failed, nothing was asked of any network."""
    pages = []

    def open_page(html, fragment=""):
        file = tmp_path / f"{len(pages)}.html"
        file.write_text(html, encoding="utf-8")
        pages.append(file.as_uri())
        browser.get("about:blank")
        browser.get_log("performance")
        browser.get_log("browser")
        browser.get(file.as_uri() + fragment)
        return browser

    yield open_page
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
    assert {url.split("#")[0] for url in asked} <= {*pages, "about:blank"}


def filtered_page():
    waiver = Waiver("setting-drift", "a trial", "ann", "2027-03-31", Span("w.yaml", "", 4, 1, 4, 9))
    findings = (
        a_finding("model-off-in-beta", "wgA", wikis=("enwiki", "frwiki")),
        a_finding("setting-drift", "wgB", wikis=("enwikibooks",)),
        a_finding("setting-drift", "wgC", wikis=("frwiki",), disposition=Waived(waiver)),
        a_finding("wiki-not-in-beta", "wmgUseORES", wikis=tuple(f"w{n}wiki" for n in range(60))),
    )
    rows = (("enwiki", "!=="), ("enwikibooks", "=!="), ("frwiki", "!=w"), ("w1wiki", "---"), ("zhwiki", "=?."))
    return render(a_report(*findings), Matrix(("wgA", "wgB", "wgC"), rows), nothing)


def shown_settings(browser):
    names = "[...document.querySelectorAll('article')].filter(a => a.checkVisibility()).map(a => a.querySelector('h4').textContent)"
    return [name.split()[1] for name in browser.execute_script(f"return {names}")]


def shown_rows(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('tbody tr')].filter(r => r.checkVisibility()).map(r => r.firstElementChild.textContent)"
    )


def test_filters_by_mouse(opened):
    browser = opened(filtered_page())
    find = browser.find_element
    assert shown_settings(browser) == ["wgA", "wgB", "wgC", "wmgUseORES"]
    find("id", "f-wiki").send_keys("enwiki")
    assert shown_settings(browser) == ["wgA"]
    assert shown_rows(browser) == ["enwiki"]
    find("id", "f-wiki").send_keys("*, w5")
    assert shown_settings(browser) == ["wgA", "wgB", "wmgUseORES"]
    find("id", "f-error").click()
    assert shown_settings(browser) == ["wgB", "wmgUseORES"]
    assert find("id", "f-count").text == "2 of 4 findings"
    assert browser.execute_script("return location.hash").endswith("&severity=warning,note")
    find("id", "f-clear").click()
    assert shown_settings(browser) == ["wgA", "wgB", "wgC", "wmgUseORES"]
    find("css selector", "#f-rule option[value='setting-drift']").click()
    find("id", "f-waived").click()
    assert shown_settings(browser) == ["wgB"]
    find("id", "f-only").click()
    assert shown_rows(browser) == ["enwiki", "enwikibooks", "frwiki"]


def test_filters_by_keyboard_alone(opened):
    from selenium.webdriver.common.keys import Keys

    browser = opened(filtered_page())

    def press(*keys):
        for key in keys:
            browser.switch_to.active_element.send_keys(key)

    def at():
        return browser.execute_script(
            "const e = document.activeElement; return e.id || e.getAttribute('href') || e.tagName"
        )

    browser.find_element("tag name", "body").send_keys(Keys.TAB)
    assert at() == "#findings"
    order = []
    while at() != "f-clear":
        press(Keys.TAB)
        order.append(at())
        assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert [name for name in order if name.startswith("f-")] == [
        "f-wiki", "f-rule", "f-error", "f-warning", "f-note", "f-active", "f-waived", "f-clear",
    ]  # fmt: skip
    browser.find_element("id", "f-wiki").send_keys("frwiki", Keys.ENTER)
    assert shown_settings(browser) == ["wgA", "wgC"]
    press(Keys.TAB, Keys.TAB, Keys.SPACE)
    assert shown_settings(browser) == ["wgC"]
    press(Keys.TAB, "j")
    while at() != "f-clear":
        press(Keys.TAB)
    press(Keys.ENTER, Keys.TAB)
    assert shown_settings(browser) == ["wgA", "wgB", "wgC", "wmgUseORES"]
    browser.find_element("css selector", "td a").send_keys("j")
    ids = browser.execute_script("return [...document.querySelectorAll('article')].map(a => a.id)")
    assert at() == ids[0]
    press("j", "j", "k")
    assert at() == ids[1]


def test_the_fragment_holds_the_filters_and_the_place(opened):
    browser = opened(filtered_page(), "#wiki=fr&severity=warning&state=waived&only=diverging")
    assert shown_settings(browser) == ["wgC"]
    assert shown_rows(browser) == ["frwiki"]
    browser.find_element("css selector", "tbody tr:not([hidden]) td a").click()
    assert shown_settings(browser) == ["wgA", "wgB", "wgC", "wmgUseORES"]  # a place that filters hid is shown
    where = browser.execute_script("return [location.hash.slice(1), document.activeElement.id]")
    assert where[0] == where[1]
    browser.back()
    assert shown_settings(browser) == ["wgC"]


def test_without_a_script_everything_can_be_read(opened):
    html = filtered_page()
    browser = opened(re.sub(r"<script>.*</script>", "", html, flags=re.DOTALL))
    assert shown_settings(browser) == ["wgA", "wgB", "wgC", "wmgUseORES"]
    assert not browser.find_element("id", "filters").is_displayed()


def test_hostile_text_does_nothing_in_a_browser(opened):
    texts = HOSTILE[:-1]
    findings = [
        a_finding(
            setting=text,
            wikis=(text,),
            message=text,
            production=Side(value({text: [text]}), Span(text, "", 1, 1, 1, 9)),
        )
        for text in texts
    ]
    rows = tuple((text, "".join("!" if text == other else "=" for other in texts)) for text in texts)
    browser = opened(
        render(a_report(*findings), Matrix(tuple(texts), rows), lambda path, _: path.encode("utf-8", "replace"))
    )
    assert len(shown_rows(browser)) == len(shown_settings(browser)) == len(texts)
    browser.find_element("id", "f-wiki").send_keys("no such wiki")
    assert shown_rows(browser) == []


def endless_page():
    """Words without a place to break them, wherever a word can stand."""
    word = "AWordThatDoesNotEnd" * 12
    waiver = Waiver(word, word, word, word, Span(word, "", 4, 1, 4, 9), word)
    sides = {"production": Side(value(word), Span(word, "", 1, 1, 1, 5), (Step(Op.SELECT, word, None),))}
    signed = a_finding(setting=word, path="b", wikis=(word,), message=word, disposition=Waived(waiver))
    report = a_report(
        a_finding(setting=word, wikis=(word,), message=word, **sides), signed, incomplete=[Hole(word, None)]
    )
    snapshots = (SnapshotInfo(word, "production", word, word),)
    rows = ((word, "!=?"), ("enwiki", "w.-"))
    return render(
        report._replace(snapshots=snapshots), Matrix((word, "wgX", "wgY"), rows), lambda *_: word.encode() * 9
    )


@pytest.mark.parametrize("html", [lambda: render(*incident()), endless_page], ids=["the incident", "endless words"])
def test_on_a_phone_nothing_is_wider_than_the_screen(opened, html):
    browser = opened(html())
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    )
    try:
        assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_printed_everything_is_open_and_the_filters_are_gone(opened):
    browser = opened(filtered_page())
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not browser.find_element("id", "filters").is_displayed()
        assert (
            browser.execute_script("return getComputedStyle(document.querySelector('.scroll')).overflow") == "visible"
        )
        browser.execute_script("dispatchEvent(new Event('beforeprint'))")
        assert browser.execute_script("return document.querySelectorAll('details:not([open])').length") == 0
        browser.execute_script("dispatchEvent(new Event('afterprint'))")
        assert browser.execute_script("return document.querySelectorAll('details[open]').length") == 0
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


# WCAG: text has 4.5 times the luminance of its ground, each way; large text is held to the same.
CONTRASTS = """
const light = (rgb) => rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
const ground = (node) => { const c = parts(getComputedStyle(node).backgroundColor); return c[3] === 0 ? ground(node.parentElement) : c; };
return [...document.querySelectorAll("body *")].filter((node) => node.checkVisibility() &&
    [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())).map((node) => {
  const [a, b] = [light(parts(getComputedStyle(node).color).slice(0, 3)), light(ground(node).slice(0, 3))];
  return [`${node.localName}.${node.className} ${node.textContent.trim().slice(0, 20)}`, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
});
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(opened, scheme):
    browser = opened(filtered_page())
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    try:
        contrasts = browser.execute_script(CONTRASTS)
        ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 384) is (scheme == "dark")
    assert len(contrasts) > 100
    assert [(text, ratio) for text, ratio in contrasts if ratio < 4.5] == []


def test_the_page_has_landmarks_headings_and_names(opened):
    browser = opened(filtered_page())
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    nodes = [
        (node["role"]["value"], node.get("name", {}).get("value", ""), node)
        for node in tree
        if not node["ignored"] and "role" in node
    ]
    named = {role: name for role, name, _ in nodes}
    assert {"banner", "main", "contentinfo", "navigation", "form", "table", "status"} <= named.keys()
    assert named["navigation"] == "Findings by rule"
    assert named["form"] == "Filters"
    assert named["table"] == "Wikis and settings"
    interactive = [
        (role, name) for role, name, _ in nodes if role in {"textbox", "combobox", "checkbox", "button", "link"}
    ]
    assert len(interactive) > 15
    assert [item for item in interactive if not item[1]] == []
    assert ("link", "diverges") in interactive
    levels = [
        next(p["value"]["value"] for p in node["properties"] if p["name"] == "level")
        for role, _, node in nodes
        if role == "heading"
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert {role for role, *_ in nodes} >= {"columnheader", "rowheader"}


def test_a_cell_under_the_pointer_tells_its_wiki_and_setting(opened):
    browser = opened(filtered_page())
    cell = browser.find_element("css selector", "tbody tr:nth-child(3) td:last-child")
    browser.execute_script("arguments[0].dispatchEvent(new MouseEvent('mouseover', {bubbles: true}))", cell)
    assert cell.get_attribute("title") == "frwiki, wgC: diverges, does not count"


def test_what_is_folded_opens_by_keyboard(opened):
    from selenium.webdriver.common.keys import Keys

    browser = opened(filtered_page())
    folded = browser.find_element("css selector", "details summary")
    folded.send_keys(Keys.ENTER)
    assert browser.execute_script("return arguments[0].parentNode.open", folded)


def test_a_report_without_findings_opens(opened):
    browser = opened(render(report_on(tree(ON + MODELS.format("true"))), Matrix((), ()), nothing))
    assert browser.find_element("tag name", "h1").text == "No drift"
