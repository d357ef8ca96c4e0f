"""Portal texts made plain: HTML descriptions, titles, labels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from html import unescape

from lxml import etree, html

_MARKUP = re.compile(r"<[a-zA-Z!/?][^>]*>|&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]{1,31});")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SOURCE_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

_SKIPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "meta",
        "link",
        "xml",
        "noscript",
        "template",
        "iframe",
        "object",
        "svg",
        "math",
        "audio",
        "video",
        "canvas",
    ]
)
_PARAGRAPHS = frozenset(
    [
        "p",
        "div",
        "ul",
        "ol",
        "dl",
        "table",
        "blockquote",
        "section",
        "article",
        "header",
        "footer",
        "pre",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "figure",
        "address",
        "main",
        "aside",
        "hr",
        "form",
    ]
)
_LINES = frozenset(["li", "tr", "dt", "dd", "caption", "figcaption"])

# Private-use characters mark the breaks that markup means, as against line ends that HTML takes for spaces.
_BR, _LINE, _PARAGRAPH = "\ue000", "\ue001", "\ue002"
_BREAKS = re.compile(rf" *(?:[{_BR}{_LINE}{_PARAGRAPH}] *)+")


@lru_cache(maxsize=16384)
def one_line(value: str) -> str:
    """`value` without markup, in one line, composed (NFC), with single spaces and none at the ends."""
    return " ".join(_plain(value).split())


@lru_cache(maxsize=4096)
def plain_text(value: str) -> str:
    """`value` without markup: paragraphs apart by an empty line, list items behind a dash, links with their address.

    Entities are decoded, scripts, styles and what word processors leave behind are dropped, the rest is composed
    (NFC). The same text always gives the same result; of a text without markup only the spaces are tidied.
    """
    return _plain(value)


def _plain(value: str) -> str:
    if ("<" not in value and "&" not in value) or _MARKUP.search(value) is None:
        return _tidy(_clean(value))
    return _from_html(value)


def _from_html(value: str) -> str:
    cleaned = _clean(value)
    if "<" not in cleaned:
        return _tidy(_clean(unescape(cleaned)))
    try:
        tree = html.fragment_fromstring(cleaned, create_parent="div")
    except (etree.ParserError, ValueError, AssertionError):  # the parser gives up on a few broken inputs
        return _without_tags(cleaned)
    if cleaned.count("<") > _DEEPEST and _depth(tree) > _DEEPEST:
        return _without_tags(cleaned)
    flat = _clean(" ".join("".join(_pieces(tree)).split()))
    return _tidy(_BREAKS.sub(_break, flat))


_DEEPEST = 250
"""libxml2 silently drops what is nested deeper than 255 elements."""


def _depth(tree: html.HtmlElement) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _without_tags(value: str) -> str:
    """The text between the tags, for what cannot be parsed."""
    bare = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", " ", value, flags=re.IGNORECASE | re.DOTALL)
    return _tidy(_clean(unescape(re.sub(r"<[^<>]*>", " ", bare))))


def _clean(value: str) -> str:
    """Without invisible characters; every line end is a line feed."""
    return _INVISIBLE.sub("", _SOURCE_BREAKS.sub("\n", value))


def _break(run: re.Match[str]) -> str:
    marks = run[0]
    return "\n\n" if _PARAGRAPH in marks or marks.count(_BR) > 1 else "\n"


def _tidy(value: str) -> str:
    """Composed, with single spaces, none at the ends of lines, and no two empty lines on end."""
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", value).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(root: html.HtmlElement) -> Iterator[str]:
    """The text below `root` in document order, with marks for breaks. Not recursive: some portals nest very deep."""
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        skipped = not isinstance(element.tag, str) or _in_skipped(element, root)
        if event == "start":
            yield "" if skipped else _start(element) + _text(element.text)
            continue
        if not skipped:
            yield from _end(element)
        if element is not root and not _in_skipped(element.getparent(), root):
            yield _text(element.tail)


def _in_skipped(element: html.HtmlElement | None, root: html.HtmlElement) -> bool:
    while element is not None and element is not root:
        if isinstance(element.tag, str) and element.tag.lower() in _SKIPPED:
            return True
        element = element.getparent()
    return False


def _text(value: str | None) -> str:
    return value.replace(_BR, "").replace(_LINE, "").replace(_PARAGRAPH, "") if value else ""


def _start(element: html.HtmlElement) -> str:
    tag = str(element.tag).lower()
    if tag == "li":
        return _LINE + "- "
    if tag in _PARAGRAPHS:
        return "" if _opens_item(element) else _PARAGRAPH
    return _LINE if tag in _LINES else ""


def _end(element: html.HtmlElement) -> Iterator[str]:
    tag = str(element.tag).lower()
    if tag == "a":
        yield _address(element)
    elif tag == "br":
        yield _BR
    elif tag in {"td", "th"}:
        yield " "
    elif tag in _LINES:
        yield _LINE
    elif tag in _PARAGRAPHS:
        yield _LINE if _opens_item(element) else _PARAGRAPH


def _opens_item(element: html.HtmlElement) -> bool:
    """A paragraph at the head of a list item stays on the line of its dash."""
    parent = element.getparent()
    return parent is not None and parent.tag == "li" and parent[0] is element and not (parent.text or "").strip()


def _address(link: html.HtmlElement) -> str:
    """The address of a link in brackets, unless its text says it already or it leads nowhere outside."""
    target = " ".join(str(link.get("href") or "").split())
    if not target.lower().startswith(("http://", "https://", "ftp://", "mailto:")):
        return ""
    shown = "".join(link.itertext()).strip()
    bare = re.sub(r"^(?:https?|ftp)://|^mailto:", "", target, flags=re.IGNORECASE).rstrip("/")
    return "" if bare.lower() in shown.lower() else f" ({target})"
