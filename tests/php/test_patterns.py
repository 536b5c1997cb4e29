"""PHP's regular expressions: what is followed gives PHP's answer, and what could differ or take long is refused."""

from __future__ import annotations

import contextlib
import itertools
import time

import pytest
from support import php

from driftcheck.php import patterns
from driftcheck.php.values import NotEvaluated

FOLLOWED = [
    r"/^(\d+\.\d+)(?:\.0-)?wmf\.?(\d+)?$/", r"/^[0-9a-z][0-9a-z.-]*$/i", r"/^(.*)\.([a-z]+)\.org$/", r"/^(.*)\/Talk$/",
    r"/^([^.]+)\.([^.]+)\.beta\.wmcloud\.org$/", r"/^(https?:)?\/\/(.+)\.org$/", r"|<a href='[^']*'>[^<]*</a>|",
    r"/ +([-+&]) +/m", r"/;\s*/", r"/^([^.]+)\.([^.]+)\.beta\.(wmflabs|wmcloud)\.org$/", r"!^(https?:)?//!", r"/^wg[A-Z]/",
    r"/^(API listing|Www\.wik(imedia|ipedia|tionary)\.org) template(\/temp)?$/", r"/\blog\b/i", r"/\breadonly\b/i",
    r"/\+emailauth@/", r"/^\w+\.\w+\.\w+\.\w+\./", r"/(?<!\.m)\.wikimedia\.beta\.wmflabs\.org$/", r"/;\s*(\w+)/", r"{a(b)?(c)?}",
    "~a$~", "~a$~D", "~^b~m", "~b$~m", "#[]x]#", "#[^]a]#", r"#[\d-]#", r"#[a\-z]#", r"#\B#", r"#a|b|(c)|d#", r"#(a)|(b)#", "/A/i",
    r"/\x/", r"/a{2}/", "/a{,2}/", "/a{1,/", r"/.+?b/s", r"/^/", r"/$/", "/x*/", r"/(x)?a/", r"/\s/", r"/[^\n]$/", r"/\Z/", r"/a\z/",
    r"/[\w.]+@/", "/(?=b)/", "/{/", r"/\//", "/(?:a|b)c?/", " /a/", "/a/u", "/é/", "/a", "a", "//", "/(/", "/)/", "/[a/", "/a**/",
]  # fmt: skip
TEXTS = [
    "", "a", "b", "abc", "aab", "\n", "a\n", "b\nb", "a\nb\n", "1.43.0-wmf.3", "1.43wmf12", "en.wikipedia.org", "//en.wikipedia.org",
    "https://ja.m.wikipedia.org", "en.wikipedia.beta.wmcloud.org", "gro.aidepikiw.ne//:sptth", "wgSitename", "Foo/Talk", "log", "a; b;c",
    "<a href='x'>y</a> z", "all - private + closed", "Www.wikimedia.org template/temp", "x-y]", "A{1,", "api.wikimedia.beta.wmflabs.org",
    "readonly; log", "\t x", "é", "u+emailauth@x",
]  # fmt: skip
PUT_IN = ["", "-", "[$0]", "<$1>", r"\1", "${1}y", "$2$1", r"\\1", r"\$1", "$", "\\", "$9", "$10"]
CALLS = [
    *(("matched", pair) for pair in itertools.product(FOLLOWED, TEXTS)),
    *(
        ("preg_replace", (one, PUT_IN[n % len(PUT_IN)], text))
        for n, (one, text) in enumerate(itertools.product(FOLLOWED, TEXTS))
    ),
    *(("preg_split", (one, text, -1, n % 4)) for n, (one, text) in enumerate(itertools.product(FOLLOWED, TEXTS))),
]
OURS = {
    "matched": lambda pattern, text: patterns.match(pattern, text) or {},
    "preg_replace": patterns.replace,
    "preg_split": lambda *given: dict(enumerate(patterns.split(*given))),
}


def ours(name, given):
    """What is given here, as PHP's answers are told; None where it is refused."""
    try:
        return php.told(OURS[name](*given))
    except NotEvaluated:
        return None


def test_every_answer_is_php_s():
    theirs = php.answers(CALLS) or []
    known = 0
    for call, answer in zip(CALLS, theirs, strict=False):
        mine = ours(*call)
        known += mine is not None
        assert mine is None or answer[:2] == mine, (call, mine, answer)
    assert known >= 0.6 * len(theirs)


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        (r"/^(https?:)?\/\/(.+)\.org$/", "//en.wikipedia.org", ["//en.wikipedia.org", "", "en.wikipedia"]),
        (r"/^(\d+\.\d+)(?:\.0-)?wmf\.?(\d+)?$/", "1.43.0-wmf", ["1.43.0-wmf", "1.43"]),
        ("/a$/", "a\n", ["a"]),
        ("/a$/D", "a\n", None),
        ("/^$/m", "a\n", None),
    ],
)
def test_groups_that_took_no_part_are_empty_or_left_out_at_the_end(pattern, text, groups):
    found = patterns.match(pattern, text)
    assert (None if found is None else list(found.values())) == groups


@pytest.mark.parametrize(
    "pattern",
    [
        "/(a)+/", "/(?:a|b)*/", "/(?:a+)+/", "/(?:a?){9}/", "/a++/", "/(?>a)/", "/(?R)/", r"/(a)\1/", r"/\p{L}/", r"/\Qa\E/", "/a/x",
        "/a/A", "/a/U", "/a/e", "/(?i)a/", "/[[:alpha:]]/", "/(?<n>a)/", "/é/", r"/\K/", "/a{2}{3}/", "/(*ANY)a/", "a", "", "/a",
    ],
)  # fmt: skip
def test_what_python_may_read_otherwise_is_refused(pattern):
    with pytest.raises(NotEvaluated):
        patterns.match(pattern, "aaa")


@pytest.mark.parametrize(
    "pattern",
    ["/.*.*.*.*.*x/", "/(a*)(a*)(a*)(a*)b/", "/a{0,99}a{0,99}a{0,99}b/", "/" + "a?" * 40 + "a" * 40 + "b/", "/^(.+)(.+)(.+)$.+/", "/.*x/"],
)  # fmt: skip
@pytest.mark.parametrize("size", [30, 1000, 100_000])
def test_no_pattern_takes_long(pattern, size):
    started = time.process_time()
    with contextlib.suppress(NotEvaluated):
        patterns.match(pattern, "a" * size)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["é", "a" * 100_001])
def test_a_text_that_is_long_or_not_ascii_is_refused(text):
    with pytest.raises(NotEvaluated):
        patterns.match("/a/", text)
