"""icaedit app, as far as it goes without a browser."""

import signal
import socket
import sys

import pytest

from icaedit.app import server


@pytest.fixture(autouse=True)
def own_signals():
    """Give the process back what the command does about SIGTERM."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_without_gradio_one_line_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    outcome = run("app")
    assert outcome.code == 1 and outcome.out == ""
    assert 'pip install "icaedit[app]"' in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_foreign_directions_are_told_before_anything_is_served(run, world, monkeypatch):
    monkeypatch.setattr(server, "serving", None)
    foreign = world / "foreign-directions.safetensors"
    outcome = run("app", "--model", world / "model.safetensors", "--directions", foreign)
    assert outcome.code == 1 and "fitted on model" in outcome.err


def test_the_address_is_this_machine_s_and_the_studio_is_what_was_asked_for(
    run, world, monkeypatch
):
    seen = {}

    class Serving:
        def __init__(self, studio, *, host, port):
            seen.update(studio=studio, host=host, port=port)

        def __enter__(self):
            return server.Served("http://127.0.0.1:1/")

        def __exit__(self, *error):
            seen["closed"] = error[0]

    monkeypatch.setattr(server, "serving", Serving)
    monkeypatch.setattr(server.Served, "wait", lambda self: seen.update(waited=True))
    files = {name: world / f"{name}.safetensors" for name in ("model", "directions")}
    options = [word for name, path in files.items() for word in (f"--{name}", path)]
    outcome = run("app", *options, "--device", "cpu")
    assert (outcome.code, outcome.out) == (0, "http://127.0.0.1:1/\n")
    assert (seen["host"], seen["port"], seen["waited"], seen["closed"]) == (
        "127.0.0.1", None, True, None,
    )  # fmt: skip
    fits = seen["studio"].fits
    assert fits.given.model_fingerprint == fits.model.fingerprint and not fits.refits


def test_a_port_that_is_taken_is_told_with_the_option(studio_for_serving):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(server.InputError, match="--port"):
            with server.serving(studio_for_serving, port=port):
                pass


@pytest.fixture
def studio_for_serving(world):
    pytest.importorskip("gradio", reason="the extra app is not installed")
    from icaedit.app import Studio
    from icaedit.cli.editing import make_editor

    return Studio(
        make_editor(
            str(world / "model.safetensors"), world / "directions.safetensors", device="cpu"
        )
    )
