"""Serving the page: on this machine, without a word to anybody else."""

import logging
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from icaedit.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    from icaedit.app.studio import Studio

__all__ = ["LARGEST_FILE", "Served", "require_gradio", "serving"]

LARGEST_FILE = 200 * 2**20
"""Bytes after which a file that a browser sends is cut off; the page asks for less."""

_FIRST_PORT = 7860
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; form-action 'self'"
)
"""Lets no page of this server ask another one for anything."""

_QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}


class Served:
    """A page that is being served.

    Attributes
    ----------
    url : str
        Where a browser of this machine finds it.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def wait(self) -> None:
        """Go on serving until Ctrl+C."""
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


def require_gradio() -> None:
    """Check that Gradio is installed.

    Raises
    ------
    MissingDependencyError
        If it is not.
    """
    with _environment(_QUIET):
        try:
            import gradio  # noqa: F401
        except ImportError as err:
            raise MissingDependencyError(
                "got no gradio to make the page with, expected the extra of it; do "
                '`pip install "icaedit[app]"`'
            ) from err


@contextmanager
def serving(
    studio: "Studio", *, host: str = "127.0.0.1", port: int | None = None
) -> Iterator[Served]:
    """Serve the page while the block runs.

    What people bring and what is made for them lies in a temporary folder that only this user can
    read, and that is removed at the end.

    Parameters
    ----------
    studio : Studio
    host : str
        Address to listen at.
    port : int, optional
        The first free one from 7860 on if not given; 0 stands for any.

    Raises
    ------
    MissingDependencyError
        If Gradio is not installed.
    InputError
        If the address or the port cannot be had.
    """
    require_gradio()
    number = _require_port(host, port)
    with (
        tempfile.TemporaryDirectory(prefix="icaedit-app-", ignore_cleanup_errors=True) as folder,
        _environment({**_QUIET, **_unproxied(host), "GRADIO_TEMP_DIR": folder}),
    ):
        from icaedit.app.layout import dressing
        from icaedit.app.page import build_page

        page = build_page(studio, Path(folder))
        _, url, _ = page.launch(
            server_name=host,
            server_port=number,
            share=False,
            inbrowser=False,
            prevent_thread_lock=True,
            quiet=True,
            show_error=True,
            footer_links=[],
            max_file_size=LARGEST_FILE,
            ssr_mode=False,
            pwa=False,
            run_history=False,
            mcp_server=False,
            enable_monitoring=False,
            app_kwargs={"middleware": [_policy_middleware()]},
            **dressing(),
        )
        try:
            yield Served(url)
        finally:
            with _unheard("uvicorn.error"):  # which complains of browsers that still look at it
                page.server.config.timeout_graceful_shutdown = 1  # s; without, it waits for them
                page.close(verbose=False)


def _policy_middleware():
    """Return a layer that adds `_POLICY` to every answer."""
    from starlette.middleware import Middleware

    class Policy:
        def __init__(self, app) -> None:
            self.app = app

        async def __call__(self, scope, receive, send) -> None:
            async def send_with_policy(message) -> None:
                if message["type"] == "http.response.start":
                    headers = [*message.get("headers", [])]
                    headers += [
                        (b"content-security-policy", _POLICY.encode()),
                        (b"referrer-policy", b"no-referrer"),
                    ]
                    message = {**message, "headers": headers}
                await send(message)

            await self.app(scope, receive, send_with_policy)

    return Middleware(Policy)


def _unproxied(host: str) -> dict[str, str]:
    """Return variables that keep Gradio's look at its own page from going through a proxy."""
    hosts = ("127.0.0.1", "localhost", host, os.environ.get("NO_PROXY", ""))
    listed = ",".join(name for name in hosts if name)
    return {"NO_PROXY": listed, "no_proxy": listed}


def _require_port(host: str, port: int | None) -> int:
    """Return a port that can be listened at: the one asked for, or a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = range(_FIRST_PORT, _FIRST_PORT + 100) if port is None else [port]
    for number in wanted:
        try:
            with socket.create_server((host, number), family=family) as found:
                return found.getsockname()[1]
        except OSError as err:
            reason = err.strerror or str(err)
    raise InputError(
        f"got host {host} and port {'7860 to 7959' if port is None else port}, where no page can "
        f"be served ({reason}), expected an address of this machine and a free port; choose "
        "others by --host and --port"
    )


@contextmanager
def _unheard(name: str) -> Iterator[None]:
    """Silence a logger while the block runs."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables of the environment while the block runs."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
