"""The six terms (S5.13) in the languages of the portal. A changed text is a new version, never an edit.

T4 is garbled in the guide; the wording here is decision Q6.
"""

from typing import TypedDict

from activation.models import TermsVersion

CURRENT = "2026-11"


class Term(TypedDict):
    text: str
    parts: list[str]


def term(text: str, *parts: str) -> Term:
    return {"text": text, "parts": list(parts)}


TERMS: dict[str, dict[str, list[Term]]] = {
    "2026-11": {
        "zh-hant": [
            term(
                "工作人員登入號是附屬於實體之工作人員於網上之身份類別，目的是作為公務上由各公共部門和實體所提供之"
                "統一電子平台登入時的身份認證；"
            ),
            term("工作人員登入號透過實體指定人員設立，由工作人員自行進行啟動；"),
            term(
                "使用工作人員登入號會涉及下列不同密碼的應用：",
                "「啟動碼」是指實體向工作人員提供，並由該工作人員於特定網絡輸入以啟動登入號；",
                "「登入密碼」是工作人員在開設工作人員登入號時，自行設定的或最後自定的密碼。",
            ),
            term(
                "工作人員需要以登入密碼、一次性密碼、安全驗證碼和按需要採用的其他電子身份識別工具與工作人員登入號連結；"
            ),
            term("工作人員有責任確保其所使用密碼的安全，不應向他人透露；"),
            term("啟動後資料將不能編輯。"),
        ],
        "pt": [
            term(
                "O login do trabalhador é a classe de identidade em linha de um trabalhador ligado a uma entidade e "
                "destina-se à autenticação da identidade, em assuntos de serviço, no acesso à plataforma electrónica "
                "uniformizada disponibilizada pelos serviços públicos e entidades;"
            ),
            term(
                "O login do trabalhador é criado pela pessoa designada pela entidade e activado pelo próprio trabalhador;"
            ),
            term(
                "A utilização do login do trabalhador implica as seguintes senhas e códigos:",
                "o «código de activação» é fornecido pela entidade ao trabalhador, que o introduz na rede indicada para "
                "activar o login;",
                "a «senha de acesso» é a definida pelo trabalhador na activação do login ou a última por ele escolhida.",
            ),
            term(
                "O trabalhador liga-se ao login através da senha de acesso, da senha de uso único, do código de "
                "verificação de segurança e, quando exigido, de outros meios de identificação electrónica;"
            ),
            term("O trabalhador é responsável pela segurança das senhas que utiliza e não as deve revelar a outrem;"),
            term("Após a activação, os dados não podem ser editados."),
        ],
        "en": [
            term(
                "A staff login is the online identity class of a person attached to an entity. Its purpose is to "
                "authenticate that person, for official business, when logging in to the unified electronic platform "
                "offered by public departments and entities;"
            ),
            term(
                "A staff login is set up by the person designated by the entity and activated by the staff member personally;"
            ),
            term(
                "Using a staff login involves the following codes:",
                "the “activation code” is given by the entity to the staff member, who enters it on a specified network "
                "to activate the login;",
                "the “login password” is the one set by the staff member when opening the login, or last chosen by them.",
            ),
            term(
                "The staff member is linked to the staff login by login password, one-time password, security code and, "
                "where required, other electronic identification means;"
            ),
            term("The staff member is responsible for keeping these codes safe and must not disclose them to others;"),
            term("After activation the data cannot be edited."),
        ],
    },
}


def publish() -> None:
    """Put every version that stands here into the database, once."""
    for version, languages in TERMS.items():
        for language, text in languages.items():
            TermsVersion.objects.get_or_create(version=version, language=language, defaults={"text": text})


def current(language: str) -> TermsVersion:
    """The terms to accept now, in a language of the portal."""
    return TermsVersion.objects.get(version=CURRENT, language=language)
