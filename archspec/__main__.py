"""The process: what `archspec` and `python -m archspec` start."""

import atexit
import gc
import os


def run() -> None:
    """Runs the command that the process was started with, and ends the process.

    What a command makes is in use until it ends, so looking for garbage finds none: it took a sixth of the time of
    `summary`, half of it in one last look at the end, which passes over what is frozen.
    """
    # Models of a spec need no plugins, and to look for them reads what every installed package says of itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()
    atexit.register(gc.freeze)
    from archspec.cli import main, streams  # after the collector is off: half of what a command makes are its modules

    streams.hold()
    main()


if __name__ == "__main__":
    run()
