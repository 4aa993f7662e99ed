"""The entities of the demonstration, all invented: one of every kind and a few more, and what is open to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.models import Kind
from entity_portal.demo import people
from entity_portal.demo.people import Person
from entity_portal.documents import DocumentType


@dataclass(frozen=True)
class Representative:
    name_zh: str
    name_foreign: str
    document_number: str
    birth_date: str
    mobile: str
    document_type: DocumentType = DocumentType.BIR_PERMANENT


@dataclass(frozen=True)
class DemoOpening:
    """An e-service open to an entity, and the usernames of who is in which of its groups."""

    service: str
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    status: str = "open"  # of services.models.OpeningStatus


@dataclass(frozen=True)
class DemoEntity:
    number: str
    registration_number: str
    kind: Kind
    name_zh: str
    name_pt: str
    representative: Representative
    people: tuple[Person, ...]
    openings: tuple[DemoOpening, ...] = ()
    mail_domain: str = ""  # people have an e-mail address there


COMPANY = DemoEntity(
    number="80216453",
    registration_number="28114 SO",
    kind=Kind.COMPANY,
    name_zh="濠灣茶餐飲有限公司",
    name_pt="Companhia de Restauração Hou Wan Chá, Limitada",
    representative=Representative("馮世傑", "FONG SAI KIT", "50917346", "1958-06-03", "+85366812207"),
    people=people.HOU_WAN_CHA,
    openings=(
        DemoOpening(
            "entry-declaration",
            {
                "administrators": ("chan.wengsan", "m.rodrigues"),
                "operators": (
                    "ao.hoiian",
                    "lei.kamfai",
                    "tam.io",
                    "ho.chihin",
                    "wong.kacheng",
                    "chang.loki",
                    "ho.houin",
                ),
            },
        ),
        DemoOpening(
            "food-import",
            {
                "administrators": ("lei.kamfai",),
                "submitters": (
                    "chan.wengsan",
                    "ao.hoiian",
                    "nguyen.lan",
                    "kou.laisa",
                    "ng.timfok",
                    "lam.waimeng",
                    "tai.takweng",
                    "c.delacruz",
                    "leong.siofong",
                    "ieong.sutleng",
                ),
            },
        ),
        DemoOpening(
            "registry-change-certificate",
            {
                "submitters": ("chan.wengsan", "ao.hoiian", "ho.chihin", "wong.kacheng"),
                "viewers": ("j.guerreiro", "fong.hoilong"),
            },
        ),
        DemoOpening(
            "complementary-tax",
            {"preparers": ("kuok.iweng", "sam.uni"), "submitters": ("m.rodrigues", "lei.kamfai")},
        ),
        DemoOpening(
            "professional-tax",
            {
                "operators": ("kuok.iweng", "sam.uni", "cheang.ngateng"),
                "payers": ("m.rodrigues",),
                "viewers": ("lei.kamfai", "cheang.mankit"),
            },
        ),
        DemoOpening(
            "non-resident-workers", {"submitters": ("wong.kacheng",), "viewers": ("zhao.lixin", "tang.kwokho")}
        ),
        DemoOpening(
            "outdoor-advertising", {"submitters": ("wong.chihang", "ao.sikei"), "viewers": ("chang.loki",)}, "suspended"
        ),
    ),
    mail_domain="houwan.example",
)

BUILDING = DemoEntity(
    number="80341725",
    registration_number="216 AC",
    kind=Kind.BUILDING,
    name_zh="海晴閣管理機關",
    name_pt="Órgão de administração do condomínio do Edifício Hoi Cheng Kok",
    representative=Representative("郭文彬", "KUOK MAN PAN", "19835517", "1961-08-22", "+85368101905"),
    people=people.HOI_CHENG_KOK,
    openings=(
        DemoOpening(
            "condominium-data",
            {
                "administrators": ("kuok.manpan", "wong.hoiian"),
                "operators": ("ao.waileng", "cheong.chihang", "leong.utkun"),
            },
        ),
        DemoOpening("building-maintenance", {"submitters": ("ao.waileng", "ho.longhim"), "viewers": ("kuok.manpan",)}),
        DemoOpening("professional-tax", {"operators": ("ao.waileng",)}, "suspended"),
    ),
)

AUTHORITY_NUMBER = "80010017"  # of the authority, which is in no register

# Of the company; ao.hoiian is in no group, and sees why not.
SANDBOX = DemoOpening("sandbox", {"submitters": ("chan.wengsan", "wong.kacheng"), "viewers": ("chan.wengsan",)})

ENTITIES = (
    COMPANY,
    BUILDING,
    DemoEntity(
        number="81072950",
        registration_number="1187 AS",
        kind=Kind.ASSOCIATION,
        name_zh="濠江北區街坊互愛會",
        name_pt="Associação de Amizade dos Moradores da Zona Norte Hou Kong",
        representative=Representative("郭靜雯", "KUOK CHENG MAN", "17753463", "1969-04-25", "+85366203495"),
        people=people.HOU_KONG,
        openings=(
            DemoOpening("entry-declaration", {"administrators": ("kuok.chengman",), "operators": ("tou.sikei",)}),
            DemoOpening("professional-tax", {"operators": ("kam.sokfong", "chan.mancheng"), "payers": ("ho.houchak",)}),
            DemoOpening("outdoor-advertising", {"submitters": ("kam.sokfong",)}, "withdrawn"),
        ),
        mail_domain="houkong.example",
    ),
    DemoEntity(
        number="82150380",
        registration_number="41 FN",
        kind=Kind.FOUNDATION,
        name_zh="晨光教育基金會",
        name_pt="Fundação San Kuong para a Educação",
        representative=Representative("", "ANTÓNIO LUÍS NORONHA DE ASSUNÇÃO", "78751958", "1966-01-14", "+85362658667"),
        people=people.SAN_KUONG,
        openings=(
            DemoOpening("entry-declaration", {"administrators": ("f.goncalves",), "viewers": ("ng.sokfong",)}),
            DemoOpening("professional-tax", {"operators": ("wu.kinkuok", "leong.soki"), "payers": ("a.assuncao",)}),
            DemoOpening("complementary-tax", {"preparers": ("wu.kinkuok",)}, "suspended"),
        ),
        mail_domain="sankuong.example",
    ),
    DemoEntity(
        number="83204678",
        registration_number="7 PC",
        kind=Kind.OTHER_LEGAL_PERSON,
        name_zh="聖露濟亞修女會",
        name_pt="Congregação das Irmãs de Santa Luzia",
        representative=Representative(
            "", "LUCIA TERESA FERRARI", "YB4417208", "1957-12-13", "+85366218834", DocumentType.PASSPORT
        ),
        people=people.SANTA_LUZIA,
        openings=(DemoOpening("entry-declaration", {"operators": ("sio.hiotong", "cheong.laiwa")}),),
    ),
    DemoEntity(
        number="84419061",
        registration_number="5120 CO",
        kind=Kind.ENTREPRENEUR,
        name_zh="志強五金電器",
        name_pt="Ferragens e Electrodomésticos Chi Keong",
        representative=Representative("許志強", "HOI CHI KEONG", "16667783", "1959-05-05", "+85363351588"),
        people=people.CHI_KEONG,
        openings=(
            DemoOpening("complementary-tax", {"preparers": ("hoi.chikeong",), "submitters": ("hoi.chikeong",)}),
            DemoOpening("outdoor-advertising", {"submitters": ("hoi.chikeong",)}),
        ),
    ),
    DemoEntity(
        number="85537216",
        registration_number="14 OS",
        kind=Kind.ORGANISATION,
        name_zh="鏡海青年合唱節籌備委員會",
        name_pt="Comissão Preparatória do Festival de Coros Juvenis Keng Hoi",
        representative=Representative("梁成業", "LEONG SENG IP", "71851372", "1969-04-15", "+85362574774"),
        people=people.KENG_HOI,
    ),
    DemoEntity(
        number="86670841",
        registration_number="2 SP",
        kind=Kind.AUTHORITY,
        name_zh="濠鏡文化遺產研究所",
        name_pt="Instituto de Estudos do Património Cultural Hou Keng",
        representative=Representative("石惠玲", "SEK WAI LENG", "18804513", "1975-06-03", "+85366867780"),
        people=people.HOU_KENG,
        openings=(
            DemoOpening(
                "entry-declaration",
                {
                    "administrators": ("chu.waileng",),
                    "operators": ("tong.sutleng", "kam.chinpang"),
                    "viewers": ("r.cordeiro",),
                },
            ),
            DemoOpening("outdoor-advertising", {"submitters": ("ho.kuokseng", "ieong.sikei")}),
            DemoOpening("professional-tax", {"operators": ("kong.singa",), "payers": ("ho.chilon",)}),
        ),
        mail_domain="houkeng.example",
    ),
    DemoEntity(
        number="87183504",
        registration_number="29960 SO",
        kind=Kind.COMPANY,
        name_zh="璃光設計一人有限公司",
        name_pt="Design Lei Kuong, Sociedade Unipessoal Limitada",
        representative=Representative("陳子健", "CHAN CHI KIN", "17941873", "1978-03-20", "+85363394053"),
        people=people.LEI_KUONG,
        openings=(DemoOpening("complementary-tax"),),
    ),
    DemoEntity(
        number="88296132",
        registration_number="26503 SO",
        kind=Kind.COMPANY,
        name_zh="",
        name_pt="Livraria e Papelaria Rodrigues & Guerreiro, Limitada",
        representative=Representative(
            "", "TERESA ISABEL RODRIGUES GUERREIRO", "14581770", "1970-03-27", "+85363680240"
        ),
        people=people.RODRIGUES,
        openings=(
            DemoOpening("registry-change-certificate", {"submitters": ("t.rodrigues", "v.guerreiro")}),
            DemoOpening("complementary-tax", {"preparers": ("tai.puisan",), "submitters": ("t.rodrigues",)}),
            DemoOpening("entry-declaration", {"operators": ("sio.sikei",)}, "suspended"),
        ),
    ),
)
