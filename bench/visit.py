"""What a visit weighs, compressed as a browser asks for it: the first page with all it needs, and the page after it."""

import re
from urllib.parse import urljoin

import requests

from bench import browser

LINKED = re.compile(
    r"""<link[^>]+rel="(?:stylesheet|icon|modulepreload|preload|prefetch)"[^>]*?href="([^"]+)"|"""
    r"""<link[^>]+href="([^"]+)"[^>]+"""
    r"""rel="(?:stylesheet|icon|modulepreload|preload|prefetch)"|<(?:script|img|source)[^>]+src="([^"]+)\""""
)
WITHIN = re.compile(r"""url\(["']?([^"')]+)["']?\)|\bimport\s*(?:[^"'();]+?\bfrom\s*)?\(?["']([^"']+)["']""")
COMPRESSED = {"Accept-Encoding": "gzip, br"}


def weigh(session: requests.Session, url: str, have: set[str]) -> int:
    """Bytes that come over the wire for a page and what it needs and is not in `have`, which grows."""
    with session.get(url, headers=COMPRESSED, stream=True) as answer:
        answer.raise_for_status()
        page, total = _read(answer)
    todo = [urljoin(url, next(filter(None, found))) for found in LINKED.findall(page)]
    while todo:
        each = todo.pop()
        if each in have or each.startswith("data:"):
            continue
        have.add(each)
        with session.get(each, headers=COMPRESSED, stream=True) as answer:
            answer.raise_for_status()
            text, size = _read(answer)
        total += size
        if each.endswith((".css", ".js")):
            todo += [
                urljoin(each, next(filter(None, found))) for found in WITHIN.findall(text) if "data:" not in found[0]
            ]
    return total


def _read(answer: requests.Response) -> tuple[str, int]:
    """(the text, how many bytes it was on its way)"""
    raw = answer.raw.read(decode_content=False)
    decoded = raw
    encoding = answer.headers.get("Content-Encoding")
    if encoding == "gzip":
        import gzip

        decoded = gzip.decompress(raw)
    elif encoding == "br":  # what is in it is also there without
        decoded = requests.get(answer.url, headers={"Accept-Encoding": "identity"}, timeout=30).content
    return decoded.decode(errors="replace"), len(raw)


def first_and_next(url: str, signed_in: requests.Session) -> tuple[float, float]:
    """(kB of the sign-in page to somebody who was never here, kB of the staff list after it)"""
    have: set[str] = set()
    first = weigh(browser.fresh(), f"{url}/login/", have)
    return first / 1000, weigh(signed_in, f"{url}/staff/", have) / 1000
