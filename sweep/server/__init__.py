"""The web pages: studies live, and optuna-dashboard, in one server on one port.

serving     the socket, from the command to Ctrl-C
guard       who may ask for what; security headers
dashboard   which paths are optuna-dashboard's
pages       our own paths: studies, one study, what they load
live        pages as they are now, made again when the store has changed
sketch      a study's small picture
"""

from sweep.server.serving import Server, open_server

__all__ = ["Server", "open_server"]
