"""The catalogue that is there at every size: 30 departments, 300 e-services, 900 service groups."""

from dataclasses import dataclass

from entity_portal.demo.catalogue import ADMINISTRATORS, OPERATORS, VIEWERS, Words

ABOUT = (
    Words("食品進口", "importação de alimentos", "food imports"),
    Words("僱員入職", "admissão de trabalhadores", "employment"),
    Words("商業登記", "registo comercial", "the commercial register"),
    Words("物業登記", "registo predial", "the land register"),
    Words("社會保障供款", "contribuições para a segurança social", "social security contributions"),
    Words("職業稅", "imposto profissional", "professional tax"),
    Words("所得補充稅", "imposto complementar de rendimentos", "complementary income tax"),
    Words("車輛", "veículos", "vehicles"),
    Words("工程准照", "licenças de obras", "works licences"),
    Words("飲食場所牌照", "licenças de estabelecimentos de comidas", "restaurant licences"),
    Words("旅行社", "agências de viagens", "travel agencies"),
    Words("藥物", "medicamentos", "medicines"),
    Words("環境噪音", "ruído ambiental", "noise"),
    Words("公共採購", "contratação pública", "public procurement"),
    Words("海關申報", "declarações aduaneiras", "customs declarations"),
    Words("電訊設備", "equipamentos de telecomunicações", "telecommunications equipment"),
    Words("社團資助", "subsídios a associações", "grants to associations"),
    Words("職業培訓", "formação profissional", "vocational training"),
    Words("場地租用", "aluguer de espaços", "venues"),
    Words("統計問卷", "questionários estatísticos", "statistical surveys"),
)
ACTS = (
    Words("申請", "Pedido", "Application"),
    Words("續期", "Renovação", "Renewal"),
    Words("變更", "Alteração", "Change"),
    Words("取消", "Cancelamento", "Cancellation"),
    Words("申報", "Declaração", "Declaration"),
    Words("查詢", "Consulta", "Enquiry"),
    Words("預約", "Marcação", "Appointment"),
    Words("繳費", "Pagamento", "Payment"),
    Words("證明", "Certidão", "Certificate"),
    Words("登記", "Registo", "Registration"),
    Words("補交文件", "Entrega de documentos", "Missing documents"),
    Words("投訴", "Reclamação", "Complaint"),
    Words("通知", "Comunicação", "Notice"),
    Words("檢查", "Inspecção", "Inspection"),
    Words("報告", "Relatório", "Report"),
)
GROUPS = (("administrators", ADMINISTRATORS), ("operators", OPERATORS), ("viewers", VIEWERS))
DEPARTMENTS = 30
WITHDRAWN = frozenset({97, 181, 263})  # keys of e-services that their departments have withdrawn


@dataclass(frozen=True)
class Service:
    """An e-service; its key in the table is its place in `SERVICES` and one, those of its groups follow each other."""

    key: int
    code: str
    department: int
    name: Words
    description: Words

    @property
    def groups(self) -> range:
        return range((self.key - 1) * len(GROUPS) + 1, self.key * len(GROUPS) + 1)


def _services() -> list[Service]:
    made: list[Service] = []
    for act in ACTS:
        for about in ABOUT:
            name = Words(f"{about.zh}{act.zh}", f"{act.pt}: {about.pt}", f"{act.en}: {about.en}")
            description = Words(f"辦理{name.zh}。", f"{name.pt}, em linha.", f"{name.en}, online.")
            key = len(made) + 1
            made.append(Service(key, f"service-{key:03d}", key % DEPARTMENTS + 1, name, description))
    return made


SERVICES = _services()


def service_of(group: int) -> Service:
    return SERVICES[(group - 1) // len(GROUPS)]


def code_of(group: int) -> str:
    return GROUPS[(group - 1) % len(GROUPS)][0]


def name_of(group: int) -> Words:
    return GROUPS[(group - 1) % len(GROUPS)][1]
