"""The command line: the only place that prints, exits, or reads the clock and the environment."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from driftcheck import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from driftcheck.engine import Run
    from driftcheck.finding import Report
    from driftcheck.profiles import Profile

EXIT_FINDINGS, EXIT_USAGE, EXIT_INCOMPLETE, EXIT_INTERRUPTED = 1, 2, 3, 130
_REALMS = ("production", "beta")
_STAGES = ("arrays", "assignments", "defaults", "normalized")
_FAIL_ON = ("error", "warning", "note", "never")


def _options(*options: Callable[..., Any]) -> Callable[..., Any]:
    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_tree = _options(
    click.option("--repo", default=".", show_default=True, metavar="PATH", help="A mediawiki-config checkout or bare repository."),
    click.option("--rev", metavar="REV", help="Read this git revision instead of the work tree."),
    click.option("--staged", is_flag=True, help="Read the git index instead of the work tree."),
    click.option("--profile", "profile_name", default="ores", show_default=True, metavar="NAME", help="ores, or all settings."),
    click.option("--setting", "settings", multiple=True, metavar="GLOB", help="Only settings of this name; repeatable."),
    click.option("--extension-dir", metavar="PATH", help="A checkout of the extension, for its defaults."),
    click.option("--extension-date", metavar="DATE", help="The day whose bundled extension defaults apply [default: the commit's]."),
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 findings, 2 usage or input, 3 incomplete, 130 interrupted.",
)
@click.version_option(__version__, prog_name="driftcheck")
def cli() -> None:
    """Tell whether beta's configuration still tells the truth about production.

    \b
    Examples:
      driftcheck check                              the work tree of the checkout you stand in
      driftcheck check --repo mw.git --rev HEAD     a revision, bare repositories too
      driftcheck explain frwiki wgOresModels.goodfaith
      driftcheck show enwiki --realm beta
      driftcheck rules model-off-in-beta
    """


@cli.command()
@_tree
@click.option("--wiki", "wikis", multiple=True, metavar="GLOB", help="Only wikis of this name; repeatable.")
@click.option("--select", multiple=True, metavar="RULE", help="Only this rule; repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not this rule; repeatable.")
@click.option("--format", "format_name", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--output", metavar="FILE", help="Write the report to a file instead of standard output.")
@click.option("--fail-on", type=click.Choice(_FAIL_ON), default="error", show_default=True, help="The least severity that fails.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 where findings would exit 1; other codes stay.")
@click.option("--cache-dir", metavar="PATH", help="Where reports of unchanged trees are kept [default: the user's cache].")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def check(**arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Report every divergence of beta from production, and what is wrong in either."""
    from driftcheck.finding import narrowed

    _rules_exist([*arguments["select"], *arguments["ignore"]])
    with _opened(arguments) as run:
        report = narrowed(_checked(run, arguments), arguments["wikis"], arguments["select"], arguments["ignore"])
    _write(_rendered(report, arguments), arguments["output"])
    sys.exit(_exit_code(report, arguments["fail_on"], exit_zero=arguments["exit_zero"]))


def _checked(run: Run, arguments: dict[str, Any]) -> Report:
    """The report of a tree, from the cache where it answers."""
    from driftcheck.engine import check as run_check

    if arguments["no_cache"]:
        return run_check(run)
    from driftcheck.cache import ReportCache, Traced

    folder = _cache_folder(arguments["cache_dir"])
    if folder is None:
        return run_check(run)
    cache = ReportCache(folder, run.question())
    report = cache.load(run.snapshot)
    if report is None:
        run.snapshot = traced = Traced(run.snapshot)
        report = run_check(run)
        cache.store(traced, report)
    return report


def _cache_folder(named: str | None) -> Path | None:
    """The folder that was named, or the user's own; None where a user has no home."""
    from pathlib import Path

    base = named or os.environ.get("DRIFTCHECK_CACHE_DIR")
    if base:
        return Path(base)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "driftcheck"
    except RuntimeError:
        return None


def _rules_exist(names: Sequence[str]) -> None:
    from driftcheck.rules import RULES

    for name in names:
        if name not in RULES:
            raise _usage(f"{name}: no such rule{_nearest(name, RULES)}; driftcheck rules lists them")


def _exit_code(report: Report, fail_on: str, *, exit_zero: bool) -> int:
    """Incomplete wins: an answer with a hole in it is neither a pass nor the whole list of findings."""
    from driftcheck.finding import Severity

    if report.incomplete:
        return EXIT_INCOMPLETE
    if fail_on == "never" or exit_zero:
        return 0
    least = Severity[fail_on.upper()]
    return EXIT_FINDINGS if any(finding.severity >= least for finding in report.findings) else 0


def _rendered(report: Report, arguments: dict[str, Any]) -> str:
    if arguments["format_name"] == "json":
        from driftcheck.report import jsonreport

        return jsonreport.render(report)
    import shutil

    from driftcheck.report import table

    to_terminal = arguments["output"] is None and sys.stdout.isatty()
    width = shutil.get_terminal_size((100, 24)).columns if to_terminal or "COLUMNS" in os.environ else 100
    return table.render(report, width=width, colour=_colour(arguments["color"], to_terminal=to_terminal))


def _colour(choice: str, *, to_terminal: bool) -> bool:
    """Flag, then NO_COLOR (non-empty), then FORCE_COLOR, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return to_terminal and os.environ.get("TERM") != "dumb"


@cli.command()
@click.argument("wikis", nargs=-1, metavar="[WIKI ...]")
@_tree
@click.option("--realm", "realm_name", type=click.Choice(_REALMS), default="production", show_default=True)
@click.option("--until", type=click.Choice(_STAGES), default="normalized", show_default=True, help="Stop the pipeline there.")
@click.option("--format", "format_name", type=click.Choice(["json"]), default="json", show_default=True)
@click.option("--output", metavar="FILE", help="Write to a file instead of standard output.")
def show(**arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Print what settings are on each wiki, as JSON {wiki: {setting: value}}.

    Values at --until arrays and assignments are as PHP's json_encode writes them.
    """
    from driftcheck.model import Realm
    from driftcheck.report import phpjson

    until = arguments["until"]
    with _opened(arguments) as run:
        if until == "normalized" and run.normalizer is None:
            until = "defaults"
        effective = run.realm(Realm(arguments["realm_name"]), until)
        dbnames = [wiki.dbname for wiki in effective.wikis]
        numbers = _numbers(arguments["wikis"], dbnames, arguments["realm_name"])
        with _output(arguments["output"]) as out:
            if until == "normalized":
                phpjson.write_normalized(out, {dbnames[n]: effective.documents[dbnames[n]] for n in numbers})
            else:
                phpjson.write_columns(out, dbnames, effective.stage(until, run.options.profile), numbers)


def _numbers(wanted: Sequence[str], dbnames: list[str], where: str) -> list[int]:
    if not wanted:
        return list(range(len(dbnames)))
    by_name = {dbname: number for number, dbname in enumerate(dbnames)}
    for name in wanted:
        if name not in by_name:
            raise _usage(f"{name}: no such wiki in {where}{_nearest(name, by_name)}")
    return [by_name[name] for name in dict.fromkeys(wanted)]


@cli.command()
@click.argument("wiki")
@click.argument("setting")
@_tree
def explain(wiki: str, setting: str, **arguments: Any) -> None:  # noqa: ANN401 - click gives each by its name
    """Tell why SETTING (or a part of it, wgOresModels.goodfaith) is what it is on WIKI."""
    from driftcheck import explain as explaining
    from driftcheck.model import Realm

    arguments["settings"] = arguments["settings"] or explaining.scope(setting, arguments["profile_name"])
    with _opened(arguments, must_exist=False) as run:
        realms = [run.realm(realm, "defaults") for realm in Realm]
        known = {name for side in realms for name in (*side.columns, *side.config.settings)}
        asked = explaining.question(wiki, setting, sorted(known))
        if asked.setting not in known:
            raise _usage(f"{asked.setting}: no such setting{_nearest(asked.setting, known)}")
        everywhere = {w.dbname for side in realms for w in side.wikis}
        if wiki not in everywhere:
            raise _usage(f"{wiki}: no such wiki in either realm{_nearest(wiki, everywhere)}")
        answer = explaining.explain(asked, realms, run.snapshot)
    _write(answer, None)


@cli.command()
@click.argument("rule_id", required=False, metavar="[RULE]")
def rules(rule_id: str | None) -> None:
    """List the rules, or print the page of one."""
    from driftcheck.report import rulepage
    from driftcheck.rules import RULES

    if rule_id is None:
        _write(rulepage.index(RULES.values()), None)
        return
    _rules_exist([rule_id])
    _write(rulepage.page(RULES[rule_id]), None)


@cli.command()
@click.argument("name", required=False, metavar="[NAME]")
def schema(name: str | None) -> None:
    """List the published JSON schemas, or print one."""
    from driftcheck import resources

    _write("\n".join(resources.schema_names()) + "\n" if name is None else resources.schema_text(name), None)


class _opened:  # noqa: N801 - reads as a verb in a with statement
    """A run over the tree that the options name; the snapshot is closed at the end."""

    def __init__(self, arguments: dict[str, Any], *, must_exist: bool = True) -> None:
        self._arguments = arguments
        self._must_exist = must_exist

    def __enter__(self) -> Run:
        from driftcheck.engine import Options, Run
        from driftcheck.snapshot import open_snapshot

        given = self._arguments
        if given["rev"] is not None and given["staged"]:
            raise _usage("--rev and --staged exclude each other; choose one")
        profile = self._profile()
        date = _day(given["extension_date"])
        self._snapshot = open_snapshot(given["repo"], revision=given["rev"], staged=given["staged"])
        try:
            run = Run(self._snapshot, Options(profile, date, given["extension_dir"], given["repo"]))
            if self._must_exist:
                self._settings_exist(run)
        except BaseException:
            self._snapshot.close()
            raise
        return run

    def _profile(self) -> Profile:
        from driftcheck.profiles import load

        return load(self._arguments["profile_name"], self._arguments["settings"])

    def _settings_exist(self, run: Run) -> None:
        """A name that nothing has is a slip of the pen: saying "no drift" about it would be wrong."""
        for glob in self._arguments["settings"]:
            if not run.knows(glob):
                raise _usage(f"{glob}: no setting of that name{_nearest(glob, run.setting_names())}")

    def __exit__(self, *_: object) -> None:
        self._snapshot.close()


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    import datetime

    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise _usage(f"{text}: not a day; write it as YYYY-MM-DD") from None


def _nearest(name: str, names: Any) -> str:  # noqa: ANN401 - any collection of names
    import difflib

    close = difflib.get_close_matches(name, list(names), 3, 0.6)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _usage(message: str) -> Exception:
    from driftcheck.model import InputError

    return InputError(message)


class _output:  # noqa: N801 - reads as a noun in a with statement
    """Where data goes: standard output, or a file that is named."""

    def __init__(self, path: str | None) -> None:
        self._path = path

    def __enter__(self) -> Any:  # noqa: ANN401 - a text stream
        if self._path is None:
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
            self._stream: Any = sys.stdout
        else:
            try:
                self._stream = open(self._path, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115, PTH123
            except OSError as error:
                raise _usage(f"{self._path}: {error.strerror}; name a file that can be written with --output") from None
        return self._stream

    def __exit__(self, *_: object) -> None:
        if self._path is None:
            self._stream.flush()
        else:
            self._stream.close()


def _write(text: str, path: str | None) -> None:
    with _output(path) as out:
        out.write(text)


def main() -> None:
    """The entry point: every failure is one line on standard error, with the exit code that says its kind."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader has had enough: keep the interpreter from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        _fail(error)


def _fail(error: Exception) -> None:
    from driftcheck.model import InputError
    from driftcheck.report.escape import visible

    if isinstance(error, InputError):
        click.echo(f"driftcheck: {visible(str(error))}", err=True)
        sys.exit(error.exit_code)
    if os.environ.get("DRIFTCHECK_DEBUG"):
        raise error
    said = visible(f"{type(error).__name__}: {error}")[:300]
    click.echo(f"driftcheck: internal error: {said}; please report it with the output of DRIFTCHECK_DEBUG=1", err=True)
    sys.exit(EXIT_USAGE)
