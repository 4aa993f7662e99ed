"""The people of the demonstration, all invented, by entity; the first of each is its first administrator."""

from dataclasses import dataclass
from enum import Enum

from entity_portal.documents import DocumentType
from entity_portal.roles import Role

PASSWORD = "Macau2026Demo"  # noqa: S105  of every login here; it is shown on the sign-in page


class Stage(Enum):
    """How far a person has come."""

    PENDING = "opened, nothing sent"
    INVITED = "opened, and a code has been sent"
    ACTIVE = "activated"
    LOCKED = "activated, then five wrong passwords"
    DEPARTED = "activated, then left"


PENDING, INVITED, LOCKED, DEPARTED = Stage.PENDING, Stage.INVITED, Stage.LOCKED, Stage.DEPARTED
ALL = "*"


@dataclass(frozen=True)
class Person:
    username: str  # until they activate it is only what these data call them by
    name_zh: str
    name_foreign: str
    document_number: str
    birth_date: str
    mobile: str
    is_administrator: bool = False
    assigns: str = ""  # 服務管理員: of ALL e-services, or of the one of this code
    stage: Stage = Stage.ACTIVE
    document_type: DocumentType = DocumentType.BIR_PERMANENT
    document_place: str = "MO"
    language: str = "zh-hant"
    roles: tuple[Role, ...] = ()  # of an officer


HOU_WAN_CHA = (
    Person("chan.wengsan", "陳詠珊", "CHAN WENG SAN", "51482638", "1979-04-12", "+85366880012", is_administrator=True),
    Person("lei.kamfai", "李錦輝", "LEI KAM FAI", "12035174", "1971-09-30", "+85362110340", is_administrator=True),
    Person(
        "m.rodrigues",
        "",
        "MARIA FERNANDA DA SILVA RODRIGUES",
        "14270905",
        "1984-02-17",
        "+85365310077",
        assigns=ALL,
        language="pt",
    ),
    Person("ao.hoiian", "歐凱欣", "AO HOI IAN", "13662091", "1990-11-05", "+85368512306", assigns=ALL),
    Person("ho.chihin", "何梓軒", "HO CHI HIN", "15903320", "1998-07-23", "+85363124558", stage=INVITED),
    Person("leong.ngaman", "梁雅雯", "LEONG NGA MAN", "12857466", "1993-03-08", "+85291020034", stage=PENDING),
    Person("tam.io", "譚耀", "TAM IO", "73416812", "1968-12-19", "+85366470089", stage=LOCKED),
    Person(
        "j.guerreiro", "", "JOÃO PEDRO DOS SANTOS GUERREIRO", "14096347", "1976-06-10", "+351912345655", language="pt"
    ),
    Person("cheang.mankit", "鄭文傑", "CHEANG MAN KIT", "52714983", "2000-01-28", "+85362730011", stage=INVITED),
    Person(
        "nguyen.lan",
        "",
        "NGUYEN THI LAN",
        "20441759",
        "1992-08-14",
        "+85365120002",
        document_type=DocumentType.WORKER_CARD,
        language="en",
    ),
    Person("wong.kacheng", "黃嘉晴", "WONG KA CHENG", "12690530", "1995-05-21", "+85366310071"),
    Person("ieong.sutleng", "楊雪玲", "IEONG SUT LENG", "51830208", "1963-10-02", "+85363280095", stage=DEPARTED),
    Person("chang.loki", "曾樂怡", "CHANG LOK I", "51930429", "1978-02-11", "+85363989798"),
    Person("wong.chihang", "黃智恆", "WONG CHI HANG", "72897087", "2000-07-19", "+85363208319"),
    Person("ao.sikei", "歐思琪", "AO SI KEI", "19244038", "1999-12-07", "+85363438931"),
    Person("ho.houin", "何浩然", "HO HOU IN", "57342397", "1991-09-15", "+85363557389"),
    Person("ma.chikin", "馬子健", "MA CHI KIN", "59025702", "1969-10-11", "+85362038096"),
    Person("ieong.wengcheong", "楊永昌", "IEONG WENG CHEONG", "58908172", "1976-02-13", "+85363676881"),
    Person("chio.sikei", "趙詩琪", "CHIO SI KEI", "50214621", "1966-07-30", "+85368318350"),
    Person("lo.puii", "羅佩儀", "LO PUI I", "18455959", "1990-04-01", "+85362473125"),
    Person("lam.waimeng", "林偉明", "LAM WAI MENG", "76970568", "1990-10-27", "+85368076942"),
    Person(
        "kou.laisa",
        "高麗莎",
        "LUÍSA MARIA COLAÇO KOU",
        "10448407",
        "1987-03-19",
        "+85366547452",
        assigns="food-import",
        language="pt",
    ),
    Person("tai.takweng", "戴德榮", "TAI TAK WENG", "11442154", "1972-03-31", "+85362755636"),
    Person("cheong.tinu", "張天宇", "CHEONG TIN U", "59673030", "1996-12-10", "+85368495820"),
    Person("ng.timfok", "吳添福", "NG TIM FOK", "14634822", "1977-11-26", "+85363172830"),
    Person("chan.sutleng", "陳雪玲", "CHAN SUT LENG", "50148006", "1969-01-13", "+85368563004"),
    Person("leong.wengcheong", "梁永昌", "LEONG WENG CHEONG", "16447527", "1977-09-24", "+85368192645"),
    Person("tam.loki", "譚樂怡", "TAM LOK I", "54211663", "1977-09-20", "+85368784818"),
    Person("lam.wengcheong", "林永昌", "LAM WENG CHEONG", "18020727", "1998-08-11", "+85368798255"),
    Person("fong.meifong", "馮美鳳", "FONG MEI FONG", "59426415", "2002-11-02", "+85365187235"),
    Person(
        "c.delacruz",
        "",
        "MARIA CORAZON DELA CRUZ",
        "20713346",
        "1989-12-08",
        "+85362433313",
        document_type=DocumentType.WORKER_CARD,
        language="en",
    ),
    Person(
        "zhao.lixin",
        "趙立新",
        "ZHAO LIXIN",
        "EJ4410258",
        "1994-04-02",
        "+85362307963",
        document_type=DocumentType.PRC_PASSPORT,
        document_place="CN",
    ),
    Person(
        "tang.kwokho",
        "鄧國豪",
        "TANG KWOK HO",
        "K4471829",
        "1986-09-09",
        "+85261234570",
        document_type=DocumentType.HK_ID,
        document_place="HK",
    ),
    Person("ng.heiman", "吳𤒹文", "NG HEI MAN", "10822016", "1997-02-03", "+85363558699"),
    Person("lam.san", "林燊", "LAM SAN", "79879512", "1974-07-16", "+85368853487"),
    Person("chan.chihin", "陳梓軒", "CHAN CHI HIN", "12700238", "1994-04-12", "+85365755147"),
    Person("lei.laiwa", "李麗華", "LEI LAI WA", "16031905", "1985-05-11", "+85362497192"),
    Person("ao.chicheong", "歐志昌", "AO CHI CHEONG", "12124395", "1966-09-21", "+85362927008"),
    Person("tam.kachon", "譚家俊", "TAM KA CHON", "76511745", "1987-12-14", "+85362992139"),
    Person("kam.kahou", "甘家豪", "KAM KA HOU", "55446837", "1986-01-11", "+85363852817"),
    Person("leong.siofong", "梁笑芳", "LEONG SIO FONG", "59340231", "2000-02-26", "+85363281977"),
    Person("fong.hoilong", "馮海龍", "FONG HOI LONG", "55145815", "1993-11-12", "+85365548467"),
    Person("ieong.loki", "楊樂怡", "IEONG LOK I", "13576706", "1976-05-28", "+85365949781"),
    Person("chang.takmeng", "曾德明", "CHANG TAK MENG", "58838165", "1985-01-18", "+85365074321"),
    Person("ao.timfok", "歐添福", "AO TIM FOK", "14853160", "1972-10-06", "+85368745237"),
    Person("cheang.ngateng", "鄭雅婷", "CHEANG NGA TENG", "51714732", "1995-10-27", "+85365968200"),
    Person("kuok.iweng", "郭怡穎", "KUOK I WENG", "57207388", "1992-06-07", "+85365119115"),
    Person("sam.uni", "沈婉儀", "SAM UN I", "50342790", "1990-11-09", "+85366514353"),
    Person("lam.waiman", "林惠敏", "LAM WAI MAN", "71846126", "1980-09-16", "+85365977126"),
    Person("wong.ngateng", "黃雅婷", "WONG NGA TENG", "18268017", "1990-11-21", "+85365762918"),
    Person("ieong.longhim", "楊朗謙", "IEONG LONG HIM", "12296363", "1972-10-05", "+85365522443", stage=PENDING),
    Person("sio.timfok", "蕭添福", "SIO TIM FOK", "18552121", "1993-05-25", "+85363886468", stage=DEPARTED),
)

HOI_CHENG_KOK = (
    Person("kuok.manpan", "郭文彬", "KUOK MAN PAN", "19835517", "1961-08-22", "+85368101905", is_administrator=True),
    Person("wong.hoiian", "王凱欣", "WONG HOI IAN", "10974735", "1997-07-20", "+85366013217", is_administrator=True),
    Person("ao.waileng", "歐惠玲", "AO WAI LENG", "13255424", "1987-11-13", "+85368695836", assigns=ALL),
    Person("ho.longhim", "何朗謙", "HO LONG HIM", "59669628", "1997-02-17", "+85362765891"),
    Person("cheong.chihang", "張智恆", "CHEONG CHI HANG", "15106013", "1967-05-12", "+85368757007", stage=INVITED),
    Person("leong.utkun", "梁月娟", "LEONG UT KUN", "54112870", "1970-02-16", "+85368044721", stage=DEPARTED),
)

HOU_KONG = (
    Person(
        "kuok.chengman", "郭靜雯", "KUOK CHENG MAN", "17753463", "1969-04-25", "+85366203495", is_administrator=True
    ),
    Person(
        "cheong.sokfong", "張淑芳", "CHEONG SOK FONG", "18513378", "1979-01-13", "+85365533236", is_administrator=True
    ),
    Person("tou.sikei", "杜詩琪", "TOU SI KEI", "10496540", "1966-12-24", "+85363455219", assigns="entry-declaration"),
    Person("kam.sokfong", "甘淑芳", "KAM SOK FONG", "54145304", "1978-09-04", "+85365552026"),
    Person("ho.houchak", "何浩澤", "HO HOU CHAK", "19975526", "1990-11-19", "+85368334681"),
    Person("cheong.kitlam", "張潔琳", "CHEONG KIT LAM", "72545370", "1973-05-28", "+85362852406", stage=LOCKED),
    Person("chan.mancheng", "陳文靜", "CHAN MAN CHENG", "17851202", "1987-10-25", "+85362274754", stage=PENDING),
    Person("sin.sikei", "冼思琪", "SIN SI KEI", "12735336", "1990-02-05", "+85366180029", stage=DEPARTED),
)

SAN_KUONG = (
    Person(
        "a.assuncao",
        "",
        "ANTÓNIO LUÍS NORONHA DE ASSUNÇÃO",
        "78751958",
        "1966-01-14",
        "+85362658667",
        is_administrator=True,
        language="pt",
    ),
    Person("ng.sokfong", "吳淑芳", "NG SOK FONG", "15703876", "1972-10-18", "+85368111358"),
    Person("wu.kinkuok", "胡建國", "WU KIN KUOK", "50543382", "2000-08-17", "+85366481537"),
    Person("leong.soki", "梁淑儀", "LEONG SOK I", "15190840", "2001-06-04", "+85365699394", stage=PENDING),
    Person(
        "f.goncalves",
        "",
        "FILOMENA BATALHA GONÇALVES",
        "73662038",
        "1981-11-11",
        "+85366614738",
        assigns=ALL,
        language="pt",
    ),
)

SANTA_LUZIA = (
    Person("wong.wengon", "王永安", "WONG WENG ON", "10460509", "1971-03-03", "+85365167815", is_administrator=True),
    Person("sio.hiotong", "蕭曉彤", "SIO HIO TONG", "54027574", "1995-08-04", "+85368843626"),
    Person("cheong.laiwa", "張麗華", "CHEONG LAI WA", "58757483", "1975-02-21", "+85366689816", stage=PENDING),
)

CHI_KEONG = (
    Person("hoi.chikeong", "許志強", "HOI CHI KEONG", "16667783", "1959-05-05", "+85363351588", is_administrator=True),
)

KENG_HOI = (
    Person("leong.sengip", "梁成業", "LEONG SENG IP", "71851372", "1969-04-15", "+85362574774", is_administrator=True),
    Person("cheang.wengsi", "鄭詠詩", "CHEANG WENG SI", "79588502", "1988-04-01", "+85362570953", stage=PENDING),
)

HOU_KENG = (
    Person(
        "cheong.choiha", "張彩霞", "CHEONG CHOI HA", "51120396", "1988-11-23", "+85366971880", is_administrator=True
    ),
    Person("sek.waileng", "石惠玲", "SEK WAI LENG", "18804513", "1975-06-03", "+85366867780", is_administrator=True),
    Person("chu.waileng", "朱惠玲", "CHU WAI LENG", "10679073", "2002-05-19", "+85362015437", assigns=ALL),
    Person("ho.chilon", "何子倫", "HO CHI LON", "51629339", "1978-07-02", "+85363654154", assigns=ALL),
    Person("tong.sutleng", "唐雪玲", "TONG SUT LENG", "74761976", "1984-03-30", "+85365316150"),
    Person("kong.singa", "江詩雅", "KONG SI NGA", "14684573", "1981-01-26", "+85363401990"),
    Person("io.chongfai", "姚松輝", "IO CHONG FAI", "12040820", "1995-12-29", "+85365756922"),
    Person("chui.waikun", "崔偉權", "CHUI WAI KUN", "16331922", "2002-06-16", "+85365201931"),
    Person("ho.kuokseng", "何國勝", "HO KUOK SENG", "16565945", "1986-10-13", "+85366760765"),
    Person("r.cordeiro", "", "RUI MIGUEL PEREIRA CORDEIRO", "15083071", "1978-10-25", "+85368914625", language="pt"),
    Person("kam.chinpang", "甘展鵬", "KAM CHIN PANG", "14802717", "1965-06-09", "+85366582583", stage=PENDING),
    Person("ieong.sikei", "楊詩琪", "IEONG SI KEI", "18677250", "1991-05-22", "+85363194485", stage=DEPARTED),
)

LEI_KUONG = (
    Person(
        "chan.chikin",
        "陳子健",
        "CHAN CHI KIN",
        "17941873",
        "1978-03-20",
        "+85363394053",
        stage=INVITED,
        is_administrator=True,
    ),
)

RODRIGUES = (
    Person(
        "t.rodrigues",
        "",
        "TERESA ISABEL RODRIGUES GUERREIRO",
        "14581770",
        "1970-03-27",
        "+85363680240",
        is_administrator=True,
        language="pt",
    ),
    Person(
        "v.guerreiro", "", "VASCO MIGUEL RODRIGUES GUERREIRO", "12984319", "1999-06-01", "+85365579695", language="pt"
    ),
    Person("tai.puisan", "戴佩珊", "TAI PUI SAN", "51047349", "1972-02-13", "+85362235796"),
    Person("sio.sikei", "蕭思琪", "SIO SI KEI", "19812848", "1989-09-25", "+85368432536"),
)

AUTHORITY = (
    Person(
        "lam.kuokwai",
        "林國威",
        "LAM KUOK WAI",
        "51276034",
        "1975-05-19",
        "+85366021847",
        is_administrator=True,
        roles=(Role.REGISTRAR,),
    ),
    Person("sou.waiman", "蘇慧敏", "SOU WAI MAN", "73310926", "1970-09-08", "+85362905513", roles=(Role.APPROVER,)),
    Person(
        "j.xavier",
        "",
        "JOSÉ MARIA XAVIER",
        "14928806",
        "1982-12-01",
        "+85365517720",
        language="pt",
        roles=(Role.CATALOGUE,),
    ),
    Person("chao.puifan", "周佩芬", "CHAO PUI FAN", "12774459", "1968-03-27", "+85368830165", roles=(Role.AUDITOR,)),
    Person(
        "lei.sioieng",
        "李小瑩",
        "LEI SIO IENG",
        "18841207",
        "1994-10-14",
        "+85363749902",
        roles=(Role.REGISTRAR, Role.APPROVER),
    ),
)
