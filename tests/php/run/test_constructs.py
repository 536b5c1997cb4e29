"""Every construct that configuration uses, small, with the answer that PHP 8.2 gives: each answer is PHP's or unknown, never another."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from support.fuzz import ours
from support.fuzz.php import Php, there

_HERE = Path(__file__).parent
_LINES = (_HERE / "constructs.txt").read_text("utf-8").splitlines()
CONSTRUCTS = {name: code for number, (name, code) in enumerate(pairwise(_LINES)) if number % 2 == 0}
ANSWERS = json.loads((_HERE / "constructs.json").read_text("utf-8"))
"""What PHP has after each: the global variables, as support/fuzz/server.php writes them; null where it refuses the program."""
UNKNOWN = {
    "dangling else", "dangling else that is not reached", "goto", "append after a negative key that was written",
    "a write that fails behind a reference", "a spread keeps references",
    "an array put into itself", "a global by reference in a function that is not followed", "what the parser does not take",
    "sort of an array with a reference in it", "array_push of an array into itself",
    "array_map over one array and over two",
    "array_filter by value, by key and by both",
    "arguments by name",
    "a type that does not fit is a TypeError",
    "a function by name, by array and first class",
    "is_callable and function_exists",
    "an abstract class, and an interface",
    "objects are held by what they are",
    "throw and catch",
    "match that finds nothing",
    "bits, signs and powers",
    "characters, one by one",
    "preg_replace_callback",
    "what compact and extract say of what is there",
    "a reference to an element that is not there",
    "getters by magic are not followed",
    "a generator",
    "a trait",
    "an enum",
    "an anonymous class",
    "array functions that look",
    "array_multisort and shuffle are not followed",
    "func_get_args",
    "include of what is not there",
    "a property with a type takes what fits it",
    "an object as a string",
    "an object that is called",
    "methods that are not there",
    "what a clone does",
    "functions that hand references on",
}  # fmt: skip
"""Constructs that are not followed: what they could write is unknown."""


def _files(code: str) -> dict[str, str]:
    return {"main.php": f"<?php\n{code}\n"}


def test_each_construct_has_an_answer():
    assert list(ANSWERS) == list(CONSTRUCTS)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_the_answer_is_phps(name: str):
    found = ours.run(_files(CONSTRUCTS[name]), "/somewhere")[0]
    if ANSWERS[name] is None:
        assert ours.UNKNOWN in found.values()
        return
    answers = ours.compare(found, ANSWERS[name])
    assert ours.WRONG not in answers.values(), (found, ANSWERS[name])
    assert (ours.PARTLY in answers.values()) == (name in UNKNOWN), (found, ANSWERS[name])


@pytest.mark.skipif(not there(), reason="PHP 8.2 with pcntl is not installed")
def test_php_still_gives_these_answers():
    with Php() as php:
        assert {name: php.run(_files(code)) for name, code in CONSTRUCTS.items()} == ANSWERS
