"""Where the command starts: until it is loaded, an interrupt ends it without a word, as it ends any program."""

import _signal  # type: ignore[import-not-found]  # the C part of signal, which takes no time to import


def main() -> None:
    """Load the command line and run it."""
    interrupted = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
    if interrupted:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from driftcheck.cli import main as run

    if interrupted:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
