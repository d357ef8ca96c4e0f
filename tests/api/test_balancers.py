"""The examples of balancers, run as they stand before two copies of one release and one of the release before.

Only addresses, ports and the certificate's place are other ones.
"""

from __future__ import annotations

import http.client
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

from catalog import copies
from catalog.settings import Settings
from tests.api.city import TITLES, City, settings_in
from tests.api.server import Answer, Server
from tests.docs import FOLDER
from tests.fakes.endpoint import free_port

EXAMPLES = FOLDER / "examples"
ONE, TWO, OLD = "10.0.0.11:8080", "10.0.0.12:8080", "10.0.0.11:8081"
"""The services as the examples call them."""
NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors.log;
events {{ worker_connections 256; }}
http {{
    access_log off; gzip on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
"""What a site of nginx stands in; compression is on, as in Debian's."""
TAGGED = ("/", "/catalog.ttl", "/dataset/arbres.rdf", "/dataset/arbres", "/quality.csv", "/sparql?query=ASK%7B%7D")
TOLD = ("content-type", "etag", "vary", "content-encoding", "link", "last-modified", "content-security-policy")
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def settings_on(folder: Path, port: int) -> Settings:
    serve = {"port": port, "workers": 1, "trusted_proxies": ["127.0.0.1"], "requests": 120}
    return settings_in(folder, serve=serve, query={"timeout": 2.0})


@dataclass
class Services:
    """The copies' services by the name that the examples give them; each may be stopped, and started again."""

    stack: ExitStack
    copies: dict[str, Path]
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, Server] = field(default_factory=dict)

    def start(self, name: str) -> None:
        port = self.ports.setdefault(name, free_port())
        (place := self.folder / str(port)).mkdir(exist_ok=True)
        started = Server(settings_on(place, port), place, "--release", str(self.copies[name]))
        self.running[name] = self.stack.enter_context(started)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("balanced")
    settings = settings_in(folder)
    city = City(settings)
    for number, titles in enumerate((TITLES, {"arbres": "Arbres remarquables"}), 1):
        city.publish(titles)
        copies.export(settings, number, folder / str(number))
    with ExitStack() as stack:
        found = Services(stack, {ONE: folder / "2", TWO: folder / "2", OLD: folder / "1"}, folder)
        for name in (ONE, TWO, OLD):
            found.start(name)
        yield found


@dataclass
class Balancer:
    """One that runs: asked over TLS, and without."""

    services: Services
    secure: int
    plain: int

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        trusting = ssl._create_unverified_context()  # noqa: S323  the certificate is made for this test
        with closing(http.client.HTTPSConnection("127.0.0.1", self.secure, timeout=30, context=trusting)) as asked:
            asked.request(method, path, body, {"Host": "data.example.org", **(headers or {})})
            answer = asked.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def wait(self) -> None:
        """Until it answers by both services of the release."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                if all(self.get("/health/ready").status == 200 for _ in range(4)):
                    return
            time.sleep(0.1)
        raise AssertionError("the balancer did not come up")


@pytest.fixture(scope="module", params=["nginx", "haproxy"])
def balancer(
    request: pytest.FixtureRequest, services: Services, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Balancer]:
    if (program := shutil.which(request.param, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")) is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    found = Balancer(services, free_port(), free_port())
    site = adapted(EXAMPLES / next(f.name for f in EXAMPLES.glob(f"garonne-{request.param}.*")), found, folder)
    if request.param == "nginx":
        (folder / "site.conf").write_text(site)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    else:
        (folder / "haproxy.cfg").write_text(site)
        command = [program, "-db", "-f", str(folder / "haproxy.cfg")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        found.wait()
        assert "[warn" not in (told := (folder / "log").read_text().lower()), told
        yield found
    finally:
        process.terminate()
        process.wait(20)


def adapted(example: Path, balancer: Balancer, folder: Path) -> str:
    """The example with addresses, ports and certificate of this machine, each of which must stand in it."""
    certificate = folder / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(
        [*made, "-subj", "/CN=data.example.org", "-keyout", folder / "key", "-out", certificate],
        check=True,
        capture_output=True,
    )
    certificate.write_text(certificate.read_text() + (folder / "key").read_text())
    text = example.read_text(encoding="utf-8")
    of = {name: f"127.0.0.1:{port}" for name, port in balancer.services.ports.items()}
    of |= {"/etc/ssl/private/data.example.org.pem": str(certificate)}
    if example.suffix == ".conf":
        of |= {
            "listen 443 ": f"listen 127.0.0.1:{balancer.secure} ",
            "listen 80;": f"listen 127.0.0.1:{balancer.plain};",
        }
        of |= {"    11      garonne_11;": "    1 garonne_11;"}
    else:
        of |= {"bind :443 ": f"bind 127.0.0.1:{balancer.secure} ", "bind :80\n": f"bind 127.0.0.1:{balancer.plain}\n"}
        of |= {"urlp(release) 11 ": "urlp(release) 1 "}
    for said, meant in of.items():
        assert said in text, said
        text = text.replace(said, meant)
    return text


def test_every_answer_is_that_of_the_services(balancer: Balancer, services: Services) -> None:
    for path in TAGGED:
        for coding in ("identity", "gzip"):
            direct = services.running[ONE].get(path, Accept_Encoding=coding)
            through = balancer.get(path, Accept_Encoding=coding)
            own = (
                "content-type",
                "etag",
                "vary",
                "content-encoding",
                "link",
                "last-modified",
                "content-security-policy",
            )
            differing = {n for n in own if direct.headers.get(n) != through.headers.get(n)}
            assert differing <= ({"link"} if path.startswith("/sparql") else set()), path  # its receipt
            assert (through.status, through.body) == (200, direct.body), path
            assert balancer.get(path, Accept_Encoding=coding, If_None_Match=through.headers["etag"]).status == 304
            assert through.headers["strict-transport-security"]


def test_links_that_name_the_release_before_are_answered_by_it(balancer: Balancer) -> None:
    assert balancer.get("/catalog.ttl?page=1&release=2").body == balancer.get("/catalog.ttl").body
    found = [balancer.get("/catalog.ttl?page=1&release=1") for _ in range(4)]
    assert {one.status for one in found} == {200}
    assert "Arbres d’alignement" in found[0].text
    assert "Arbres d’alignement" not in balancer.get("/catalog.ttl").text


def test_a_receipt_is_found_whichever_service_gave_it(balancer: Balancer) -> None:
    for number in range(6):
        answer = balancer.get("/sparql?" + urlencode({"query": f"SELECT (COUNT(*) + {number} AS ?n) {{ ?s ?p ?o }}"}))
        path = urlsplit(answer.headers["link"].partition(">")[0].strip("<")).path
        found = [balancer.get(path).status for _ in range(4)]
        assert path.startswith("/sparql/receipts/")
        assert found == [200] * 4


def test_a_result_that_breaks_off_arrives_broken(balancer: Balancer) -> None:
    with pytest.raises(http.client.IncompleteRead) as cut:
        balancer.get("/sparql?" + urlencode({"query": ENDLESS, "format": "json"}))
    assert len(cut.value.partial) > 100_000


def test_long_queries_and_documents_come_through(balancer: Balancer) -> None:
    query = "ASK { VALUES ?x { " + " ".join(f'"{n:06}"' for n in range(2_500)) + " } }"
    found = balancer.get("/sparql?query=" + quote(query))
    assert (found.status, found.json()["boolean"]) == (200, True)
    document = b"# " + b"x" * 3_000_000 + b"\n<urn:a> <urn:b> <urn:c> ."
    checked = balancer.ask("POST", "/validate?format=json", document, {"Content-Type": "text/turtle"})
    assert checked.status == 200, checked.text
    assert balancer.ask("QUERY", "/sparql", b"ASK {}", {"Content-Type": "application/sparql-query"}).status == 200


def test_nobody_writes(balancer: Balancer) -> None:
    for method, path in (("POST", "/sparql/update"), ("PUT", "/graphs?graph=urn:x"), ("DELETE", "/graph/local/x")):
        assert balancer.ask(method, path, b"", {"Content-Type": "text/turtle"}).status == 403
    assert balancer.get("/graphs?graph=https://data.example.org/graph/agents").status == 200


def test_the_client_is_whom_the_balancer_saw(balancer: Balancer) -> None:
    """Whoever writes another address into the request has the same share as before."""
    assert balancer.get("/metrics").status in {403, 404}, "a request that came from elsewhere"
    shares = [balancer.get("/", X_Forwarded_For=f"203.0.113.{n}").headers["ratelimit"] for n in range(12)]
    left = [int(share.partition('"requests";r=')[2].partition(";")[0]) for share in shares]
    assert min(left) < max(left) - 3, "clients that are told apart have equal shares"


def test_without_tls_one_is_sent_on(balancer: Balancer) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", balancer.plain, timeout=30)) as asked:
        asked.request("GET", "/dataset/arbres?lang=en", headers={"Host": "evil.example"})
        answer = asked.getresponse()
    assert (answer.status, answer.headers["location"]) == (301, "https://data.example.org/dataset/arbres?lang=en")


def test_a_service_that_stops_is_not_noticed(balancer: Balancer, services: Services) -> None:
    services.running[ONE].stop()
    try:
        assert {balancer.get("/dataset/arbres.ttl").status for _ in range(12)} == {200}
    finally:
        services.start(ONE)
    balancer.wait()
