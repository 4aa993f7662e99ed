"""The plans of what pages ask: `python -m tests.plans.asking PAGES`, inside the portal, on the database it is told.

PAGES is JSON `{name: {"path", "marker", "who", "key", "data"}}`; with `data` something is posted there. Prints JSON
`{name: [{"sql", "usual", "forced"}]}`: of each statement the plan that PostgreSQL takes, and the one it takes where it
may read no table from end to end, each `{"indexes": [...], "scans": [...]}`.
"""

import json
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.serving")
EXPLAINED = ("SELECT", "UPDATE", "DELETE", "WITH")


def main() -> None:
    import django

    django.setup()
    from django.test import Client

    from bench.queries import entered
    from entity_portal.humancheck.models import Challenge

    pages, found = json.loads(sys.argv[1]), {}
    for name, page in pages.items():
        if page["data"]:
            browser = Client(SERVER_NAME="127.0.0.1")
            browser.cookies["django_language"] = "en"
            question = Challenge.ask("picture")
            page["data"] |= {"human_0": question.key, "human_1": question.task}
        else:
            browser = entered(page["who"], page["key"])
        found[name] = plans(browser, page)
    print(json.dumps(found))  # noqa: T201


def plans(browser: Any, page: dict[str, Any]) -> list[dict[str, Any]]:
    """Of the second request of a page, when what is kept in memory is there, or of what is posted once."""
    from bench.queries import Heard

    browser.get(page["path"])
    with Heard() as heard:
        answer = browser.post(page["path"], page["data"]) if page["data"] else browser.get(page["path"])
    assert answer.status_code in {200, 302}, f"{page['path']}: {answer.status_code}"
    assert page["marker"] in f"{answer.headers}{answer.content.decode()}", f"{page['path']} lacks {page['marker']}"
    statements = [each for each in heard.statements if each[0].lstrip().upper().startswith(EXPLAINED)]
    return [
        {"sql": sql, "usual": plan(sql, params), "forced": plan(sql, params, seqscan="off")}
        for sql, params in statements
    ]


def plan(sql: str, params: Any, *, seqscan: str = "on") -> dict[str, list[str]]:
    from django.db import connection, transaction

    from bench.queries import flat

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_seqscan = {seqscan}")  # on or off; SET takes no parameter
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)  # what the portal sent
        ((explained,),) = cursor.fetchone()
    nodes = list(flat(explained["Plan"]))
    return {
        "indexes": sorted({node["Index Name"] for node in nodes if "Index Name" in node}),
        "scans": sorted({node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}),
    }


if __name__ == "__main__":
    main()
