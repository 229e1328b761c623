"""``sweep serve``: the pages of all studies and optuna-dashboard in one server."""

from typing import Annotated

import typer

from sweep.cli.options import OpenOption, StoreOption
from sweep.settings import from_environment, secret


def serve(
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="Address to listen on, e.g. 0.0.0.0; any but this machine's needs SWEEP_PASSWORD.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 for any free one.")
    ] = 8080,
    store: StoreOption = None,
    allow_edits: Annotated[
        bool, typer.Option("--allow-edits", help="Let optuna-dashboard change the store.")
    ] = False,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Ask for no password.")] = False,
    open_it: OpenOption = False,
) -> None:
    """Serve the reports, live while a run goes on, and optuna-dashboard, until Ctrl-C.

    Read-only unless edits are allowed. With SWEEP_PASSWORD (or SWEEP_PASSWORD_FILE) set, everybody
    is asked for it, with any user name; it is sent unencrypted, so beyond your own network put TLS
    in front.

    Example: sweep serve --open

    Example: SWEEP_PASSWORD=... sweep serve --host 0.0.0.0 --port 80
    """
    from sweep.server import open_server

    settings = from_environment(store)
    server = open_server(
        settings.store_url,
        settings.artifacts,
        host,
        port,
        secret("SWEEP_PASSWORD"),
        allow_edits=allow_edits,
        no_auth=no_auth,
    )
    with server:
        typer.echo(f"Studies at {server.address}; Ctrl-C stops it.")
        if open_it:
            typer.launch(server.address)
        server.run()
