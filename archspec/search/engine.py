"""Engine: who counts a sweep. What is asked of one is the interface `Executor` of `concurrent.futures`.

    processes            on all cores of this machine
    dask://HOST:PORT     the scheduler of a running dask cluster; dask:// starts one on this machine
    ray://HOST:PORT      the head of a running ray cluster; ray:// starts one on this machine

An engine's machines need archspec, and the files that a spec uses under their own paths.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


class NoEngine(ValueError):
    """There is no such engine, or it is not installed; the message says what to do."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def engine(name: str, jobs: int) -> Iterator[tuple[Executor | None, int]]:
    """The executor called `name`, and how many it runs at a time; None for this process.

    Args:
        name: `processes`, or an address.
        jobs: how many processes; an engine knows by itself.

    Raises:
        NoEngine: there is none of this name, it is not installed, or does not answer.
    """
    if name == "processes":
        if jobs == 1:
            yield None, 1
            return
        pool = ProcessPoolExecutor(jobs, initializer=_leave_interrupts)
        try:
            yield pool, jobs
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return
    scheme, _, address = name.partition("://")
    start = _ENGINES.get(scheme)
    if start is None or "://" not in name:
        raise NoEngine(f"there is no engine {name}; there are processes, dask://HOST:PORT and ray://HOST:PORT")
    with start(address, jobs) as started:
        yield started


def _leave_interrupts() -> None:
    """Leaves Ctrl-C to the process that the user started, which stops the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _dask(address: str, jobs: int) -> Iterator[tuple[Executor, int]]:
    try:
        distributed = import_module("distributed")
    except ModuleNotFoundError:
        raise NoEngine("dask is not installed: pip install 'archspec[dask]'") from None
    given = {"address": f"tcp://{address}"} if address else {"n_workers": jobs, "threads_per_worker": 1}
    try:
        client = distributed.Client(**given, **({} if address else {"dashboard_address": None}))
    except (OSError, TimeoutError) as error:
        raise NoEngine(f"dask://{address} does not answer: {error}") from None
    try:
        yield cast(Executor, client.get_executor()), max(len(client.ncores()), 1)
    finally:
        client.close()


@contextmanager
def _ray(address: str, jobs: int) -> Iterator[tuple[Executor, int]]:
    try:
        ray = import_module("ray")
    except ModuleNotFoundError:
        raise NoEngine("ray is not installed: pip install 'archspec[ray]'") from None
    given = {"address": f"ray://{address}"} if address else {"num_cpus": jobs, "include_dashboard": False}
    try:
        ray.init(log_to_driver=False, logging_level="error", **given)
    except (OSError, ConnectionError) as error:
        raise NoEngine(f"ray://{address} does not answer: {error}") from None
    try:
        yield _OnRay(ray.remote), max(int(ray.cluster_resources().get("CPU", 1)), 1)
    finally:
        ray.shutdown()


class _OnRay(Executor):
    """Ray's tasks as an executor: what a task will give is a future already."""

    def __init__(self, remote: Callable[..., Any]) -> None:
        self._remote = remote
        self._tasks: dict[Callable[..., object], Any] = {}

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """What `fn` will give."""
        task = self._tasks.setdefault(fn, self._remote(fn))
        return cast("Future[T]", task.remote(*args, **kwargs).future())


_ENGINES: Mapping[str, Callable[[str, int], AbstractContextManager[tuple[Executor, int]]]] = {
    "dask": _dask,
    "ray": _ray,
}
