"""The process: what `archspec` and `python -m archspec` start."""

import atexit
import gc


def run() -> None:
    """Runs the command that the process was started with, and ends the process.

    What a command makes is in use until it ends, so looking for garbage finds none: it took a sixth of the time of
    `summary`, half of it in one last look at the end, which passes over what is frozen.
    """
    gc.disable()
    atexit.register(gc.freeze)
    from archspec.cli import main, streams  # after the collector is off: half of what a command makes are its modules

    streams.hold()
    main()


if __name__ == "__main__":
    run()
