"""Invented people's names as they are found in Macau, each with the keys by which lists are sorted.

Making a key is slow, so there are some thousand names, made once, and people share them, as they do in life.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from entity_portal.collation import CHINESE, LATIN, sort_key
from entity_portal.documents import DocumentType
from entity_portal.text import bare

MOST = 20_000
# Surnames by how common they are, and given names of one or two of these; each with how Macau writes it in Latin.
SURNAMES = (
    "陳CHAN 李LEI 黃WONG 梁LEONG 吳NG 何HO 林LAM 張CHEONG 楊IEONG 劉LAO 鄭CHEANG 王WONG 郭KUOK 羅LO 歐AO "
    "馮FONG 譚TAM 曾CHANG 許HOI 蔡CHOI 鄧TANG 趙CHIO 蘇SOU 周CHAO 葉IP 蕭SIO 唐TONG 胡WU 朱CHU 江KONG 沈SAM "
    "杜TOU 馬MA 甘KAM 崔CHUI 姚IO 戴TAI 石SEK 冼SIN 高KOU"
).split()
GIVEN = (
    "詠WENG 珊SAN 錦KAM 輝FAI 凱HOI 欣IAN 梓CHI 軒HIN 雅NGA 雯MAN 耀IO 文MAN 傑KIT 嘉KA 晴CHENG 雪SUT 玲LENG "
    "樂LOK 怡I 智CHI 恆HANG 思SI 琪KEI 浩HOU 然IN 子CHI 健KIN 永WENG 昌CHEONG 詩SI 佩PUI 儀I 偉WAI 明MENG "
    "德TAK 榮WENG 天TIN 宇U 添TIM 福FOK 美MEI 鳳FONG 國KUOK 豪HOU 麗LAI 華WA 志CHI 家KA 俊CHON 芳FONG 海HOI "
    "龍LONG 婷TENG 穎WENG 婉UN 惠WAI 敏MAN 朗LONG 謙HIM 彬PAN 月UT 娟KUN 靜CHENG 淑SOK 澤CHAK 潔KIT 琳LAM "
    "建KIN 安ON 曉HIO 彤TONG 強KEONG 成SENG 業IP 彩CHOI 霞HA 倫LON 權KUN 勝SENG 展CHIN 鵬PANG 威WAI 慧WAI "
    "芬FAN 瑩IENG"
).split()
PORTUGUESE = (
    "MARIA JOÃO JOSÉ ANA ANTÓNIO LUÍS MANUEL PAULO TERESA ISABEL RUI CARLOS FERNANDA HELENA VASCO FILOMENA CONCEIÇÃO "
    "FRANCISCO INÊS SOFIA".split(),
    "DA SILVA|DOS SANTOS|RODRIGUES|FERREIRA|PEREIRA|GONÇALVES|DE ASSUNÇÃO|XAVIER|GUERREIRO|CORDEIRO|NORONHA|BATALHA|"
    "SENNA FERNANDES|DO ROSÁRIO|DE JESUS|COLAÇO|MARQUES|DA LUZ|SALVADO|RIBEIRO".split("|"),
)
FROM_ELSEWHERE = (
    "MARIA CORAZON JOCELYN ROSALIE ARNEL RODEL THI LAN VAN MINH SITI DEWI BUDI WAYAN RAM BISHNU SUNITA JAMES EMMA PETER"
    " MARK GRACE".split(),
    "DELA CRUZ|SANTOS|REYES|BAUTISTA|NGUYEN|TRAN|PHAM|WIJAYA|LESTARI|SHRESTHA|GURUNG|TAMANG|SMITH|JONES|WILSON|TAYLOR|"
    "BROWN|MENDOZA|VILLANUEVA|AQUINO".split("|"),
)


@dataclass(frozen=True, slots=True)
class Name:
    zh: str
    foreign: str
    zh_key: str  # hexadecimal, as `foreign_key`
    foreign_key: str
    slug: str  # what a username begins with
    language: str
    document_type: str
    document_place: str


def pool(random: Random, wanted: int) -> list[Name]:
    """Different names, at most `MOST`: four in five Chinese, one in ten Portuguese, the others from elsewhere."""
    found: dict[tuple[str, str], Name] = {}
    drawn = _drawn(random)
    while len(found) < min(wanted, MOST):
        zh, foreign, language, document_type, place = next(drawn)
        if (zh, foreign) not in found:
            found[zh, foreign] = Name(
                zh,
                foreign,
                sort_key(zh, CHINESE).hex(),
                sort_key(foreign, LATIN).hex(),
                _slug(foreign),
                language,
                document_type,
                place,
            )
    return list(found.values())


def _drawn(random: Random) -> Iterator[tuple[str, str, str, str, str]]:
    commonness = [1 / (rank + 2) for rank in range(len(SURNAMES))]
    while True:
        kind = random.random()
        if kind < 0.8:
            (surname,) = random.choices(SURNAMES, commonness)
            given = random.sample(GIVEN, 2 if random.random() < 0.92 else 1)
            parts = [surname, *given]
            document_type, place = (
                (DocumentType.BIR_PERMANENT, "MO") if kind < 0.72 else (DocumentType.EXIT_ENTRY_PERMIT, "CN")
            )
            yield (
                "".join(each[0] for each in parts),
                " ".join(each[1:] for each in parts),
                "zh-hant",
                document_type,
                place,
            )
        elif kind < 0.9:
            firsts, lasts = PORTUGUESE
            foreign = " ".join([*random.sample(firsts, 2), *random.sample(lasts, 1 + (kind < 0.85))])
            yield "", foreign, "pt", DocumentType.BIR_PERMANENT, "MO"
        else:
            firsts, lasts = FROM_ELSEWHERE
            foreign = " ".join([*random.sample(firsts, 2), *random.sample(lasts, 1 + (kind < 0.95))])
            yield "", foreign, "en", DocumentType.WORKER_CARD, "MO"


def _slug(foreign: str) -> str:
    """`CHAN WENG SAN` becomes `chan.wengsan`, `RUI MIGUEL CORDEIRO` becomes `rui.miguelcordeir`."""
    first, _space, rest = bare(foreign).partition(" ")
    return f"{first}.{rest.replace(' ', '')[:12]}"
