"""The catalogues are complete, say what the code says, and print the guide's labels word for word."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings as portal_settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from entity_portal.messaging.segments import length
from tests.pages import ReadingClient, text_of

ROOT = Path(__file__).resolve().parent.parent
LOCALE = Path("entity_portal", "locale")
LANGUAGES = ("zh_Hant", "pt")  # English is the language of the code

# What must come through a translation as it is: placeholders, markup, and the line breaks of an SMS.
KEPT = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|</?\w[^>]*>|\n|https?://[\w./-]*(?<![.])")

# Labels that the guide and the acceptance checks find by their words, typed here and nowhere derived.
FIXED = {
    "Staff list": "工作人員列表",
    "Add": "新增",
    "Back": "返回",
    "Submit": "提交",
    "Submit and send the activation code": "提交並發送啟動碼",
    "Update": "更新",
    "Edit": "編輯",
    "Search": "搜尋",
    "Confirm": "確認",
    "OK": "確定",
    "Cancel": "取消",
    "Next": "下一步",
    "Log in": "登入",
    "Log out": "登出",
    "Need help?": "需要幫助",
    "Activate": "啟動",
    "Reset password": "重設密碼",
    "Forgot username": "忘記用戶名稱",
    "Account data": "帳戶資料",
    "Change password": "變更密碼",
    "Old password": "舊密碼",
    "New password": "新密碼",
    "Enter the password again": "請再次輸入密碼",
    "Enter the new password again": "請再次輸入新密碼",
    "At least 8 characters with upper-case letters, lower-case letters and digits": (
        "最少8個字符，其中必須包含大楷英文字母、小楷英文字母及數字"
    ),
    "Activate staff login": "啟動工作人員登入號",
    "Enter personal data": "輸入個人資料",
    "Identification document no.": "身份證明文件編號",
    "Do not type symbols; for 1234567(8) type 12345678": "不用輸入符號，例如：1234567(8)，只輸入號碼12345678",
    "Type of identification document": "身份證明文件類別",
    "Macao SAR Permanent Resident Identity Card": "澳門特區永久性居民身份證",
    "Place of issue": "身份證明文件發出地",
    "Date of birth (year/month/day)": "出生日期(年/月/日)",
    "Entity number": "實體編號",
    "Username": "用戶名稱",
    "Password": "密碼",
    "Activation code": "啟動碼",
    "Enter the letters shown in the picture": "請輸入圖中顯示的字母",
    "I (staff member) agree that:": "本人(工作人員)同意：",
    "I have read and agree to these terms": "本人已閱讀並同意以上條款",
    "Name in Chinese": "中文姓名",
    "Name in Portuguese / foreign language": "葡文 / 外文姓名",
    "Please select": "請選擇",
    "Mobile phone number": "流動電話號碼",
    "E-mail address": "電子信箱",
    "Data cannot be edited after activation.": "啟動後資料將不能編輯。",
    "Phone": "電話",
    "Status": "狀態",
    "Role": "角色",
    "Actions": "操作",
    "Name": "姓名",
    "Active": "生效中",
    "Not activated": "未啟動",
    "Left (no longer employed)": "已離職",
    "Locked": "已鎖定",
    "Administrator": "管理員",
    "Service administrator": "服務管理員",
    "Activation status": "啟動狀況",
    "SMS": "手機短訊",
    "Activation time": "啟動工作人員登入號時間",
    "Activation code last sent": "最後發送啟動碼時間",
    "Staff role and account status": "工作人員角色及賬戶狀態",
    "Account status": "賬戶狀態",
    "Service groups of the staff member": "工作人員所屬服務群組",
    "Service": "服務",
    "Service group": "服務群組",
    "Government services list": "政府服務列表",
    "Total: %(n)s person": "總人數：%(n)s人",
    "Staff logins for the service group": "服務群組的工作人員登入號列表",
    "Assigned staff": "獲指派工作人員名單",
    "Selected (%(n)s/%(total)s)": "選擇(%(n)s/%(total)s)",
    "Home": "首頁",
    "Application progress": "申請進度查詢",
    "Apply for an entity account": "申請實體使用者帳戶",
    "This page was not found": "找不到此頁",
    "Demonstration phone": "示範手機",
    "Screen of the phone": "手機畫面",
    "Common Access to Public Services of the Macao SAR": "澳門公共服務一戶通",
}


def catalogue(language: str, root: Path = ROOT) -> Catalog:
    with (root / LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as po:
        return read_po(po, abort_invalid=True)


def entries(language: str) -> Iterator[tuple[Message, list[str], list[str]]]:
    """Each message of a catalogue with its English forms and its translated ones."""
    for message in catalogue(language):
        if message.id:
            yield message, _forms(message.id), _forms(message.string)


def _forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def key(message: Message) -> tuple[str | None, str]:
    context: str | bytes | None = message.context
    # Babel reads a context out of a compiled catalogue as bytes.
    return (context.decode() if isinstance(context, bytes) else context), _forms(message.id)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated_and_none_is_a_guess(language: str) -> None:
    missing = [message.id for message, _english, translated in entries(language) if not all(translated)]
    guessed = [message.id for message, _english, _translated in entries(language) if message.fuzzy]
    assert (missing, guessed) == ([], [])
    assert not catalogue(language).obsolete


@pytest.mark.parametrize(("language", "number"), [("zh_Hant", 1), ("pt", 2)])
def test_plurals_have_as_many_forms_as_the_language(language: str, number: int) -> None:
    plurals = {len(translated) for message, _english, translated in entries(language) if message.pluralizable}
    assert plurals == {number}


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_markup_and_line_breaks_come_through(language: str) -> None:
    wrong = [
        (form, translated)
        for _message, english, translations in entries(language)
        for form, translated in ((english[-1], each) for each in translations)
        if sorted(KEPT.findall(form)) != sorted(KEPT.findall(translated))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_what_the_other_compiles_to(language: str) -> None:
    with (ROOT / LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as mo:
        compiled = read_mo(mo)
    said = {key(message): _forms(message.string) for message in compiled if message.id}
    meant = {key(message): translated for message, _english, translated in entries(language)}
    assert said == meant, "run: pybabel compile -d entity_portal/locale -D django"
    assert compiled.plural_forms == catalogue(language).plural_forms


def test_the_catalogues_hold_every_string_of_the_code_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    if not shutil.which("xgettext"):
        assert not os.environ.get("CI"), "CI needs gettext: this is the test that finds a forgotten string"
        pytest.skip("gettext is not installed: nothing here can read the strings out of the code")
    tree = tmp_path / "tree"  # a copy, because makemessages writes beside the files that it reads
    shutil.copytree(
        ROOT, tree, ignore=shutil.ignore_patterns(".*", "tests", "static", "migrations", "locale", "__pycache__")
    )
    (tree / LOCALE).mkdir()
    settings.LOCALE_PATHS = [tree / LOCALE]
    monkeypatch.chdir(tree)
    call_command("makemessages", locale=["pt"], add_location="never", verbosity=0)
    in_code = {key(message) for message in catalogue("pt", tree) if message.id}
    assert len(in_code) > 300
    for language in LANGUAGES:
        in_catalogue = {key(message) for message, _english, _translated in entries(language)}
        assert sorted(map(str, in_code - in_catalogue)) == [], f"{language}: translate these"
        assert sorted(map(str, in_catalogue - in_code)) == [], f"{language}: nobody says these any more"


def test_labels_of_the_guide_are_the_guides_word_for_word() -> None:
    chinese = {key(message)[1]: translated[0] for message, _english, translated in entries("zh_Hant")}
    assert {english: chinese.get(english) for english in FIXED} == FIXED


@pytest.mark.parametrize("language", LANGUAGES)
def test_portuguese_keeps_macaus_spelling_and_chinese_its_forms(language: str) -> None:
    """Words that give away the spelling of 1990, another country's Portuguese, simplified or Taiwan's Chinese."""
    strangers = {
        "pt": r"(?i)\b(ativ|eletr|correto|atual|direto|direção|seleci|objet|projet|você|usuári|celular|palavra-passe)",
        "zh_Hant": r"您|帐|户|号|发|码|输|使用者名稱|簡訊|手機號碼|電子郵件",
    }[language]
    found = [
        each
        for _message, _english, translated in entries(language)
        for each in translated
        if re.search(strangers, each)
    ]
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_message_takes_two_segments_at_most(language: str) -> None:
    link = "https://ab.gov.mo/activate/?entity=80216453#code=K7RM4XWQ"
    facts = {"code": "K7RM4XWQ", "entity": "80216453", "link": link, "username": "x" * 30, "sentence": "x" * 100}
    facts["number"] = "X" * 20
    texts = [
        translated[0] % facts
        for _message, english, translated in entries(language)
        if english[0].startswith("[Macao One Account]")
    ]
    assert len(texts) >= 6
    for text in texts:
        if language == "pt":
            assert length(text).encoding == "GSM-7", length(text).foreign
        else:
            assert text.startswith("【一戶通】")
        assert length(text).segments <= 2, text


def test_the_chinese_activation_sms_names_code_and_entity_as_the_guide_does() -> None:
    texts = [
        each for _message, _english, translated in entries("zh_Hant") for each in translated if "%(entity)s" in each
    ]
    texts = [each for each in texts if "%(link)s" in each]
    assert len(texts) == 1
    assert "啟動碼：%(code)s\n" in texts[0]
    assert "實體編號：%(entity)s\n" in texts[0]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hant", ("登入", "實體編號", "用戶名稱", "密碼", "需要幫助", "重設密碼", "忘記用戶名稱")),
        ("pt", ("Iniciar sessão", "Código da entidade", "Nome de utilizador", "Senha", "Precisa de ajuda?")),
        ("en", ("Log in", "Entity number", "Username", "Password", "Need help?")),
    ],
)
def test_a_page_speaks_the_chosen_language(db: None, language: str, words: tuple[str, ...]) -> None:
    client = ReadingClient()
    client.cookies[portal_settings.LANGUAGE_COOKIE_NAME] = language
    text = text_of(client.get(reverse("staff:sign_in")))
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(("n", "portuguese"), [(0, "0 pessoas"), (1, "1 pessoa"), (2, "2 pessoas")])
def test_django_counts_as_the_catalogues_do(n: int, portuguese: str) -> None:
    def total(language: str) -> str:
        with translation.override(language):
            return translation.ngettext("Total: %(n)s person", "Total: %(n)s people", n) % {"n": n}

    assert (total("pt"), total("zh-hant")) == (f"Total: {portuguese}", f"總人數：{n}人")
