"""pycsw over the records of a folder; run by the Python that has it, not by ours.

`load FOLDER` makes the database anew from `FOLDER/records/*.xml`; `serve FOLDER` says its port and answers.
"""

import configparser
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from pycsw.core import admin, config
from pycsw.server import Csw

FOLDER = Path(sys.argv[2])
DATABASE = FOLDER / "records.db"


def settings(port: int) -> configparser.ConfigParser:
    """As few words as pycsw starts with; ISO 19139 is one of its profiles."""
    who = "name position address city stateorprovince postalcode country phone fax email url hours instructions role"
    about = [f"identification_{n}" for n in ("title", "abstract", "keywords", "fees", "accessconstraints")]
    about += ["provider_name", "provider_url", *(f"contact_{n}" for n in who.split())]
    server = {"url": f"http://127.0.0.1:{port}/csw", "maxrecords": "100", "mimetype": "application/xml"}
    server |= {"encoding": "UTF-8", "language": "fr", "home": str(FOLDER), "profiles": "apiso"}
    made = configparser.ConfigParser()
    made.read_dict(
        {
            "server": server,
            "repository": {"database": f"sqlite:///{DATABASE}", "table": "records"},
            "manager": {"transactions": "false"},
            "metadata:main": dict.fromkeys(about, "x") | {"identification_keywords_type": "theme"},
        }
    )
    return made


class Silent(WSGIRequestHandler):
    """Without a line for each request."""

    def log_message(self, *_: object) -> None:
        pass


def load() -> None:
    """The database of the records that lie there now."""
    DATABASE.unlink(missing_ok=True)
    context = config.StaticContext()
    admin.setup_db(f"sqlite:///{DATABASE}", "records", str(FOLDER))
    loaded = admin.load_records(context, f"sqlite:///{DATABASE}", "records", str(FOLDER / "records"))
    print(len(loaded))


def serve() -> None:
    """Answers until it is killed."""
    made = configparser.ConfigParser()

    def application(environ: dict, start: object) -> list[bytes]:
        environ["HTTP_HOST"] = "127.0.0.1"
        environ["local.app_root"] = str(FOLDER)
        service = Csw(made, environ)
        status, body = service.dispatch_wsgi()
        start(status, [("Content-Type", service.contenttype), ("Content-Length", str(len(body)))])
        return [body]

    server = make_server("127.0.0.1", 0, application, handler_class=Silent)
    made.read_dict(settings(server.server_port))
    print(server.server_port, flush=True)
    server.serve_forever()


{"load": load, "serve": serve}[sys.argv[1]]()
