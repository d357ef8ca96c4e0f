"""`garonne preview`: what an aggregator will make of the feed, before it does."""

from __future__ import annotations

import difflib
import os
from datetime import UTC, datetime

import click

from api.preview.aggregators import AGGREGATORS, Aggregator, aggregator
from api.preview.comparison import compare
from api.preview.model import Harvest, Held
from api.preview.own import Own
from api.preview.pages import Fetch, file_page
from api.preview.report import Report, lines, plain
from catalog.commands.support import current_release, language, put_json, settings_of
from catalog.errors import NotFound, UsageError
from catalog.releases import Releases
from catalog.settings import Settings
from shapes.text import LANGUAGES

_ADDRESS = ("http://", "https://")


@click.command()
@click.option("--as", "name", required=True, type=click.Choice(list(AGGREGATORS)), help="Who reads.")
@click.option("--feed", help="Another feed than that of the current release: an address or a file.")
@click.option("--publisher", default="", help="The feed of one publisher, by its slug: data.gouv.fr has one for each.")
@click.option("--release", "number", type=click.IntRange(min=1), help="A kept release instead of the current one.")
@click.option("--since", type=click.IntRange(min=1), help="What changed since it read this kept release.")
@click.option("--against", help="What it reads today: address or file of the portal's own export or a saved catalogue.")
@click.option("--allow-private", is_flag=True, help="Addresses may be on this machine or on a private network.")
@click.option("--json", "as_json", is_flag=True, help="For a program; every dataset with all its fields.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the text. [default: the system's, else fr]")
@click.argument("dataset", required=False)
@click.pass_context
def preview(
    ctx: click.Context,
    name: str,
    feed: str | None,
    publisher: str,
    number: int | None,
    since: int | None,
    against: str | None,
    allow_private: bool,
    as_json: bool,
    lang: str | None,
    dataset: str | None,
) -> None:
    """What an aggregator will hold of the published feed, by its own reading rules.

    Titles, licences, resources, tags, high-value badges, places and periods as it will show them; what it will skip
    or reject, and why; with --since, what it will update or delete; with --against, which datasets and resources it
    will recognise, double or lose when its source is changed to this feed. DATASET (slug, IRI or identifier) shows one.

    Ends with 0 when everything is taken and nothing doubled or lost, with 1 otherwise.
    """
    if dataset and (since or against):
        raise UsageError("one DATASET is shown, or two feeds are compared.", hint="Leave one of the two out.")
    if feed and (since or number or publisher):
        raise UsageError(
            "--publisher, --release and --since are about the feed of this catalogue, --feed names another.",
            hint="Leave --feed out, or the others.",
        )
    who, settings, lang = aggregator(name), settings_of(ctx), lang or language(os.environ)
    reading = Reading(settings, who, datetime.now(UTC), allow_private=allow_private)
    release = 0 if feed else (Releases(settings.store.path).get(number) if number else current_release(settings)).number
    place, harvest = (feed, reading.harvest(feed)) if feed else reading.release(release, publisher)
    earlier = reading.release(Releases(settings.store.path).get(since).number, publisher)[1] if since else None
    report = Report(
        who,
        place,
        harvest,
        release,
        since=since or 0,
        changes=compare(earlier, harvest) if earlier else (),
        against=against or "",
        pairs=compare(reading.harvest(against), harvest) if against else (),
        chosen=chosen(harvest, dataset, settings.catalog.base) if dataset else None,
    )
    if as_json:
        put_json(plain(report, lang))
    else:
        for line in lines(report, lang):
            click.echo(line)
    ctx.exit(0 if report.clean else 1)


class Reading:
    """Reads feeds as one aggregator: this catalogue's own over its own door, others over the guarded client."""

    def __init__(self, settings: Settings, who: Aggregator, now: datetime, *, allow_private: bool = False) -> None:
        from api.app import create_app  # the web framework, which commands that need none should not load

        self.settings = settings
        self.who = who
        self.now = now
        self.lang = settings.catalog.languages[0]
        self.own = Own(create_app(settings, confined=False), settings.catalog.base)
        self.allow_private = allow_private

    def harvest(self, place: str) -> Harvest:
        """What the aggregator makes of a feed: a release's own, one at an address, or one in a file."""
        if not place.startswith(_ADDRESS):
            return self.who.read(file_page(place), now=self.now, lang=self.lang)
        return self.who.harvest(place, self._fetch(), now=self.now, lang=self.lang)

    def release(self, number: int, publisher: str) -> tuple[str, Harvest]:
        """Where the feed of a release begins, and what the aggregator makes of it."""
        place = self.own.address(number, publisher)
        return place, self.who.harvest(place, self.own.fetch, now=self.now, lang=self.lang)

    def _fetch(self) -> Fetch:
        from catalog.web import Client

        client = Client(allow_private=self.allow_private, timeout=self.settings.harvest.timeout, retries=1)
        return client.get_bytes


def chosen(harvest: Harvest, name: str, base: str) -> Held:
    """The item that a slug, an IRI or an identifier names. Raises `NotFound`, with the nearest where there is one."""
    wanted = {name, f"{base}dataset/{name}", f"{base}service/{name}"}
    for held in harvest.items:
        if wanted & {held.key, held.iri, held.identifier}:
            return held
    slugs = [h.iri.removeprefix(f"{base}dataset/") for h in harvest.items if h.iri]
    near = difflib.get_close_matches(name, slugs, n=1)
    hint = f"Did you mean `{near[0]}`?" if near else "Give its slug, its IRI or its identifier."
    raise NotFound("the feed has no such dataset.", what=name, hint=hint)
