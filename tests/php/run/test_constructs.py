"""Every construct that configuration uses, small, with the answer that PHP 8.2 gives: each answer is PHP's or unknown, never another."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from support.fuzz import ours
from support.fuzz.php import Php, there

from driftcheck.core.model import InputError, Source
from driftcheck.php.file import PhpFile
from driftcheck.php.program import Program
from driftcheck.php.run.worlds import Turn, first
from driftcheck.php.surroundings import Surroundings

_HERE = Path(__file__).parent
_LINES = (_HERE / "constructs.txt").read_text("utf-8").splitlines()
CONSTRUCTS = {name: code for number, (name, code) in enumerate(pairwise(_LINES)) if number % 2 == 0}
ANSWERS = json.loads((_HERE / "constructs.json").read_text("utf-8"))
"""What PHP has after each: the global variables, as support/fuzz/server.php writes them; null where it refuses the program."""
UNKNOWN = {
    "a key before zero that a reference makes", "elements by reference that a function hands on",
    "a callback that is none, of an empty array", "too few arguments for a function of PHP", "a mode that is an array",
    "is_callable of what only looks so", "exit in a try in which PHP may have thrown",
    "a static variable by the name of one that is taken along",
    "a default that is not known, of a class that is forgotten",
    "a cast before instanceof",
    "an error where anything may have been assigned",
    "references to elements of one array, made one after the other",
    "an array that was copied while its element was a reference", "a reference that an array had which is gone",
    "a reference that a copy has too", "a reference that a closure has too", "a reference to a parameter in an array",
    "a reference to a property of an object that is gone", "a name that an error took away",
    "an array that is put into itself by its other name", "a global that is bound anew while a function has it",
    "a global that is unset while a function has it",
    "a sort of an array with a reference inside",
    "a key that is the variable itself",
    "what extract and callbacks hand on keeps references", "call_user_func_array keeps references",
    "two names after an error that was caught", "a name that a try may have parted",
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
    "a typed property that was given nothing",
    "an array-like object",
    "an object that is gone over",
    "an object with an iterator",
    "an object that counts",
    "an object as an array, and an array as an object",
    "a standard object",
    "an object compared",
    "a constant by an object, and its class",
    "a union takes what is nearest",
    "a method with types",
    "a result that is always refused",
    "a method that returns a reference",
    "a closure that returns a reference",
    "a property that is unset",
    "instanceof of what is none",
    "a method that changes its object, and is not followed to its end",
    "a property that is written with what is not known",
    "a static property that a method writes that is not followed",
    "a static variable of a function that is not followed to its end",
    "a constant that may be defined",
    "a function that may be declared",
    "a class that may be declared",
    "a property that is a reference to a global",
    "an object of an abstract class",
    "a method that is called without an object",
    "a constructor that is private",
    "constants and static properties that are hidden",
    "a readonly property is written again",
    "a class that extends one of PHP's",
    "an object where a number is declared",
    "a closure that is bound to another object",
    "a method that returns a reference, used by value",
    "a protected method from inside and outside",
    "private methods as callbacks inside and outside",
    "a constant of an interface",
    "a class with a destructor",
    "a reference that may be made",
    "a reference from a function",
    "a reference from a method to a property that is written later",
    "a reference in an array that may be made",
    "a reference in a property that may be made",
    "a reference of a reference that may be made",
    "a text that is written character by character",
    "a list of nothing",
    "texts that are counted up",
    "finally with an exception that another replaces",
    "arguments that are spread with names",
    "too few arguments",
    "match that has no arm",
    "a comparison that counts its calls",
    "preg with captures",
    "dates",
    "constants by their names",
    "null as an array, and what is no array",
    "json there and back",
    "a reference that is put into what is not known",
    "a reference into what may be an array",
    "what comes next in what a function made of it",
    "where the pointer of an array stands",
    "an error that may be caught",
    "a sign before instanceof, and print before and",
    "a character by a word",
    "functions that hand references on",
    "a copy of an object with more in it",
    "a method that is not there, by __call",
    "the properties of an object as an array",
    "the hidden properties of an object as an array",
    "an object of PHP's that is an array",
    "a constructor with arguments that are spread",
    "a trait with a static name",
    "an enum with values",
    "a constant of an interface in its class",
    "properties that are made by __get and __set",
    "objects that are equal and identical",
    "a method that counts its arguments",
    "a constant that is added up of others",
    "unions, nullable types and defaults",
    "strict types of parameters",
    "strict types of results and of PHP's functions",
    "an array that loses and gains an element while it is walked by reference",
    "a list that takes an element by reference", "a static variable of the global scope",
    "a label that is jumped to", "echo and print", "negative keys next to a spread", "a name that is not known",
    "a key that is not known, of all kinds", "a write by a key that is not known", "a character behind the end",
    "compact of what is no name", "what classes and objects have", "functions whose effects are outside",
    "functions whose answers are what was set before", "a comparison that answers with true or false",
    "sort with flags", "sort of elements without one order", "sort of what is not known", "shuffle of several",
    "array_filter in another mode", "array_walk that changes the array otherwise",
    "the ends of an array that is empty", "__invoke of a closure by its name", "a variadic parameter by reference",
    "a spread beside a reference", "a property that is a parameter by reference",
    "a default that other parameters follow", "loops that a loop inside ends", "conditions that are not known",
    "a global by a name that is worked out", "a number that is counted up from all kinds",
    "texts with all kinds of parts",
    "a global bound in a function by a statement that is not followed",
    "a global taken away beside another variable where that is not followed",
}  # fmt: skip
"""Constructs that are not followed: what they could write is unknown."""


def _files(code: str) -> dict[str, str]:
    return {"main.php": f"<?php\n{code}\n"}


def test_each_construct_has_an_answer():
    assert list(ANSWERS) == list(CONSTRUCTS)


def test_the_answers_are_phps():
    assert not {name: fault for name in CONSTRUCTS if (fault := _fault(name))}


def _fault(name: str) -> str:
    """How the answer to a construct is not what it has to be; empty where it is."""
    found = ours.run(_files(CONSTRUCTS[name]), "/somewhere")[0]
    if ANSWERS[name] is None:
        return "" if ours.UNKNOWN in found.values() else f"known, and PHP refuses it: {found}"
    answers = ours.compare(found, ANSWERS[name])
    right = ours.WRONG not in answers.values() and (ours.PARTLY in answers.values()) == (name in UNKNOWN)
    return "" if right else f"{found}, and PHP has {ANSWERS[name]}"


def _settings(code: str) -> object:
    """What the evaluator of the arrays of settings makes of a program, in the form of PHP's answers."""
    file = PhpFile(Source("x.php", f"<?php\n{code}\n".encode()))
    try:
        return ours.plain(Turn(first(1), 1), Program(file, Surroundings(unset=lambda _: True)).result())
    except InputError:
        return ours.UNKNOWN


def test_the_evaluator_of_settings_has_the_same_answers_or_none():
    found = {
        (name, variable): ours.held_against(_settings(f"{CONSTRUCTS[name]} return ${variable};"), answer)
        for name, answers in ANSWERS.items()
        for variable, answer in (answers or {}).items()
    }
    assert ours.WRONG not in found.values(), [at for at, verdict in found.items() if verdict == ours.WRONG]
    assert list(found.values()).count(ours.AGREED) > 150


@pytest.mark.skipif(not there(), reason="PHP 8.2 with pcntl is not installed")
def test_php_still_gives_these_answers():
    with Php() as php:
        assert {name: php.run(_files(code)) for name, code in CONSTRUCTS.items()} == ANSWERS
