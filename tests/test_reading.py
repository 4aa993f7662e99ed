"""The rules of every page, each seen to find what it is there for."""

import pytest

from tests.pages import problems

GOOD = """<!doctype html><html lang="en"><head><title>List - Portal</title></head><body>
<a href="#main">Skip</a>
<header class="bar"><nav aria-label="Language"><a href="/pt" lang="zh-Hant-MO">繁體中文</a></nav>
<details class="menu"><summary>me</summary></details></header>
<main id="main"><nav class="crumbs" aria-label="You are here"><ol><li><a href="/">Home</a></li>
<li aria-current="page">List</li></ol></nav>
<h1>List</h1><h2>Part</h2><h3>Piece</h3>
<form><div class="errors" role="alert"><ul><li><a href="#id_email">E-mail: wrong</a></li></ul></div>
<p>Fields marked <span class="req">*</span> are mandatory.</p>
<label for="id_email"><span class="req">*</span> E-mail</label><p id="id_email_error">wrong</p>
<input id="id_email" name="email" autocomplete="off" aria-invalid="true" aria-describedby="id_email_error"></form>
<table><caption>People</caption><thead><tr><th scope="col">Name</th></tr></thead>
<tbody><tr><td>x</td></tr></tbody></table>
<p><img src="x.png" alt="five letters"><svg aria-hidden="true"></svg></p>
</main><footer>end</footer></body></html>"""

# What is wrong with a page: what stood there, what stands there now, and what is said of it.
WRONG = {
    "two headings": ("<h2>Part</h2>", "<h1>Part</h1>", "2 h1"),
    "another title": ("<title>List", "<title>People", "title 'People', heading 'List'"),
    "no product": ("List - Portal", "List", "title 'List'"),
    "a level left out": ("<h2>Part</h2>", "", "h1 is followed by h3"),
    "a silent heading": ("<h2>Part</h2>", "<h2></h2>", "<h2> says nothing"),
    "a silent link": ('<a href="/">Home</a>', '<a href="/"></a>', "says nothing"),
    "no language": ('<html lang="en">', "<html>", "<html lang=''>"),
    "two mains": ("<footer>", "<main></main><footer>", "not one <main>"),
    "no footer": ("<footer>end</footer>", "", "not one <footer>"),
    "no way past the header": ('<a href="#main">Skip</a>', "", "does not begin with a link to #main"),
    "a nameless nav": ('<nav aria-label="Language">', "<nav>", "a <nav> without a label"),
    "two navs of a name": ('aria-label="Language"', 'aria-label="You are here"', "two <nav> called 'You are here'"),
    "no breadcrumb": ('class="crumbs"', 'class="x"', "no breadcrumb"),
    "a breadcrumb to nowhere": (' aria-current="page"', "", "the last of the breadcrumb"),
    "no summary": ('class="errors" role="alert"', "", "no summary says so"),
    "a summary without the field": ('<a href="#id_email">E-mail: wrong</a>', "x", "no link to 'email'"),
    "an error beside nothing": (' aria-describedby="id_email_error"', "", "'email' does not say what is wrong"),
    "an id twice": ('<p id="id_email_error">', '<p id="id_email">', "id 'id_email' twice"),
    "an unexplained star": ('Fields marked <span class="req">*</span> are', "Some are", "1 stars, explained 0 times"),
    "a star explained twice": ("<form>", '<form><p><span class="req">*</span></p>', "1 stars, explained 2 times"),
    "no label": ('for="id_email"', "", "field 'email' has no label"),
    "nothing to fill in by": (' autocomplete="off"', "", "field 'email' has no autocomplete"),
    "a nameless table": ("<caption>People</caption>", "", "has no name"),
    "no alt": (' alt="five letters"', "", "no alt"),
    "a loud picture": ('<svg aria-hidden="true">', "<svg>", "neither silent nor named"),
    "a key twice": ("<h3>", '<b accesskey="s"></b><b accesskey="s"></b><h3>', "accesskey 's' twice"),
    "Chinese that does not say so": (' lang="zh-Hant-MO">', ">", "is Chinese and does not say so"),
    "Chinese in a label": ("<form>", '<form aria-label="何梓軒">', "is Chinese and does not say so"),
    "an inline style": ("<h3>", '<h3 style="x">', "inline handler or style"),
    "a tag left open": ("</footer>", "", "never closed"),
    "something left over": ("end", "{{ end }}", "leftover '{{'"),
    "a link into nothing": ('href="#id_email"', 'href="#nowhere"', "a link to #nowhere"),
}  # fmt: skip


def test_a_good_page_has_nothing_wrong() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_with_a_page_is_found(kind: str) -> None:
    was, now, said = WRONG[kind]
    assert was in GOOD
    assert any(said in each for each in problems(GOOD.replace(was, now, 1))), problems(GOOD.replace(was, now, 1))


def test_home_and_refusals_have_no_breadcrumb_and_chinese_pages_are_chinese() -> None:
    bare = GOOD.replace('class="crumbs"', 'class="x"')
    assert problems(bare, path="/") == problems(bare, status=404) == []
    chinese = GOOD.replace("<h3>Piece", "<h3>部分")
    assert len(problems(chinese)) == 1
    assert problems(chinese.replace('<html lang="en">', '<html lang="zh-Hant-MO">')) == []
