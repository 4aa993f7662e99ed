"""Departments, e-services and service groups of the demonstration, in Chinese, Portuguese and English."""

from dataclasses import dataclass
from typing import NamedTuple


class Words(NamedTuple):
    zh: str
    pt: str
    en: str


@dataclass(frozen=True)
class Group:
    code: str
    name: Words
    description: Words


@dataclass(frozen=True)
class Service:
    code: str
    name: Words
    description: Words
    groups: tuple[Group, ...]
    url: str = ""


@dataclass(frozen=True)
class DemoDepartment:
    code: str
    name: Words
    services: tuple[Service, ...]


ADMINISTRATORS = Words("管理員", "Administradores", "Administrators")
OPERATORS = Words("操作員", "Operadores", "Operators")
SUBMITTERS = Words("提交人員", "Apresentantes", "Submitters")
VIEWERS = Words("查閱人員", "Consultores", "Viewers")

DEPARTMENTS = (
    DemoDepartment(
        "dsal",
        Words("勞工事務局", "Direcção dos Serviços para os Assuntos Laborais", "Labour Affairs Bureau"),
        (
            Service(
                "entry-declaration",
                Words("入職申報", "Declaração de admissão", "Declaration of employment"),
                Words(
                    "申報新入職的僱員，以及查閱過往的申報。",
                    "Declarar a admissão de trabalhadores e consultar as declarações anteriores.",
                    "Declare newly employed people and look up earlier declarations.",
                ),
                (
                    Group(
                        "administrators",
                        ADMINISTRATORS,
                        Words(
                            "可更改申報設定、查閱全部申報。",
                            "Podem alterar as definições das declarações e consultar todas as declarações.",
                            "May change the settings of declarations and see all declarations.",
                        ),
                    ),
                    Group(
                        "operators",
                        OPERATORS,
                        Words(
                            "可填寫及提交員工入職申報，不可更改實體的申報設定。",
                            "Podem preencher e apresentar declarações de admissão, mas não alterar as definições.",
                            "May fill in and submit declarations, but not change the entity's settings.",
                        ),
                    ),
                    Group(
                        "viewers",
                        VIEWERS,
                        Words(
                            "只可查閱已提交的申報。",
                            "Podem apenas consultar as declarações apresentadas.",
                            "May only see declarations that were submitted.",
                        ),
                    ),
                ),
            ),
            Service(
                "non-resident-workers",
                Words(
                    "聘用外地僱員申請",
                    "Pedido de contratação de trabalhadores não residentes",
                    "Application to employ non-resident workers",
                ),
                Words(
                    "提交聘用外地僱員的申請、續期，以及查詢進度。",
                    "Apresentar e renovar pedidos de contratação e consultar o seu andamento.",
                    "Submit and renew applications, and follow their progress.",
                ),
                (
                    Group(
                        "submitters",
                        SUBMITTERS,
                        Words(
                            "可填寫及提交申請，並補交文件。",
                            "Podem preencher e apresentar pedidos e entregar documentos em falta.",
                            "May fill in and submit applications and hand in missing documents.",
                        ),
                    ),
                    Group(
                        "viewers",
                        VIEWERS,
                        Words(
                            "只可查詢申請進度。",
                            "Podem apenas consultar o andamento dos pedidos.",
                            "May only follow the progress of applications.",
                        ),
                    ),
                ),
            ),
        ),
    ),
    DemoDepartment(
        "dsaj",
        Words("法務局", "Direcção dos Serviços de Assuntos de Justiça", "Legal Affairs Bureau"),
        (
            Service(
                "registry-change-certificate",
                Words(
                    "商業登記變更證明",
                    "Certidão de alterações ao registo comercial",
                    "Certificate of changes in the commercial register",
                ),
                Words(
                    "申請及領取載有登記變更的商業登記證明。",
                    "Pedir e receber certidões do registo comercial com as alterações registadas.",
                    "Ask for and receive certificates that show changes in the register.",
                ),
                (
                    Group(
                        "submitters",
                        SUBMITTERS,
                        Words(
                            "可申請證明及繳付費用。",
                            "Podem pedir certidões e pagar os emolumentos.",
                            "May ask for certificates and pay the fees.",
                        ),
                    ),
                    Group(
                        "viewers",
                        VIEWERS,
                        Words(
                            "可下載已發出的證明，不可提出申請。",
                            "Podem descarregar as certidões emitidas, mas não pedir novas.",
                            "May download certificates that were issued, but not ask for new ones.",
                        ),
                    ),
                ),
            ),
        ),
    ),
    DemoDepartment(
        "dsf",
        Words("財政局", "Direcção dos Serviços de Finanças", "Financial Services Bureau"),
        (
            Service(
                "complementary-tax",
                Words(
                    "所得補充稅申報",
                    "Declaração do imposto complementar de rendimentos",
                    "Complementary income tax return",
                ),
                Words(
                    "填報所得補充稅收益申報書及查閱評稅結果。",
                    "Preencher a declaração de rendimentos e consultar a fixação do rendimento colectável.",
                    "Fill in the return and see the assessment.",
                ),
                (
                    Group(
                        "preparers",
                        Words("填報人員", "Preparadores", "Preparers"),
                        Words(
                            "可填寫及儲存申報書，不可提交。",
                            "Podem preencher e guardar declarações, mas não apresentá-las.",
                            "May fill in and save returns, but not submit them.",
                        ),
                    ),
                    Group(
                        "submitters",
                        SUBMITTERS,
                        Words(
                            "可核對及提交申報書，並查閱評稅結果。",
                            "Podem verificar e apresentar declarações e consultar a fixação.",
                            "May check and submit returns and see the assessment.",
                        ),
                    ),
                ),
            ),
            Service(
                "professional-tax",
                Words(
                    "職業稅僱員名表", "Relação nominal do imposto profissional", "Professional tax list of employees"
                ),
                Words(
                    "申報僱員及散工名表，繳納代扣的職業稅。",
                    "Declarar a relação nominal dos empregados e assalariados e pagar o imposto retido.",
                    "Declare the list of employees and pay the tax withheld.",
                ),
                (
                    Group(
                        "operators",
                        OPERATORS,
                        Words(
                            "可填寫及提交名表。",
                            "Podem preencher e apresentar as relações nominais.",
                            "May fill in and submit the lists.",
                        ),
                    ),
                    Group(
                        "payers",
                        Words("繳款人員", "Pagadores", "Payers"),
                        Words(
                            "可取得繳款憑單及繳納稅款，不可更改名表。",
                            "Podem obter guias e pagar o imposto, mas não alterar as relações.",
                            "May obtain payment slips and pay the tax, but not change the lists.",
                        ),
                    ),
                    Group(
                        "viewers",
                        VIEWERS,
                        Words(
                            "只可查閱已提交的名表和收據。",
                            "Podem apenas consultar as relações apresentadas e os recibos.",
                            "May only see the lists submitted and the receipts.",
                        ),
                    ),
                ),
            ),
        ),
    ),
    DemoDepartment(
        "iam",
        Words("市政署", "Instituto para os Assuntos Municipais", "Municipal Affairs Bureau"),
        (
            Service(
                "food-import",
                Words(
                    "食品進口申報", "Declaração de importação de géneros alimentícios", "Declaration of food imports"
                ),
                Words(
                    "申報須受衛生檢疫的進口食品及預約檢驗。",
                    "Declarar géneros alimentícios sujeitos a inspecção sanitária e marcar a inspecção.",
                    "Declare food that needs sanitary inspection and book the inspection.",
                ),
                (
                    Group(
                        "administrators",
                        ADMINISTRATORS,
                        Words(
                            "可管理產品清單及供應商資料，並查閱全部申報。",
                            "Podem gerir a lista de produtos e os fornecedores e consultar todas as declarações.",
                            "May manage products and suppliers and see all declarations.",
                        ),
                    ),
                    Group(
                        "submitters",
                        SUBMITTERS,
                        Words(
                            "可提交進口申報及預約檢驗時間。",
                            "Podem apresentar declarações e marcar a hora da inspecção.",
                            "May submit declarations and book inspections.",
                        ),
                    ),
                ),
            ),
            Service(
                "outdoor-advertising",
                Words("戶外廣告准照", "Licença de publicidade exterior", "Outdoor advertising licence"),
                Words(
                    "申請招牌及戶外廣告的准照和續期。",
                    "Pedir e renovar licenças de tabuletas e de publicidade exterior.",
                    "Apply for and renew licences for signboards and outdoor advertising.",
                ),
                (
                    Group(
                        "submitters",
                        SUBMITTERS,
                        Words(
                            "可提交申請、圖則及續期。",
                            "Podem apresentar pedidos, desenhos e renovações.",
                            "May submit applications, drawings and renewals.",
                        ),
                    ),
                    Group(
                        "viewers",
                        VIEWERS,
                        Words(
                            "只可查閱准照及到期日。",
                            "Podem apenas consultar as licenças e os prazos.",
                            "May only see licences and when they expire.",
                        ),
                    ),
                ),
            ),
        ),
    ),
    DemoDepartment(
        "ih",
        Words("房屋局", "Instituto de Habitação", "Housing Bureau"),
        (
            Service(
                "building-maintenance",
                Words(
                    "樓宇維修資助申請",
                    "Pedido de apoio financeiro à reparação de edifícios",
                    "Application for support to repair buildings",
                ),
                Words(
                    "申請樓宇共同部分的維修資助及查詢進度。",
                    "Pedir apoio para reparar as partes comuns e consultar o andamento do pedido.",
                    "Apply for support to repair common parts, and follow the application.",
                ),
                (
                    Group(
                        "submitters",
                        SUBMITTERS,
                        Words(
                            "可提交申請、報價單及工程收據。",
                            "Podem apresentar pedidos, orçamentos e recibos das obras.",
                            "May submit applications, quotations and receipts of works.",
                        ),
                    ),
                    Group(
                        "viewers",
                        VIEWERS,
                        Words(
                            "只可查詢申請進度。",
                            "Podem apenas consultar o andamento dos pedidos.",
                            "May only follow the progress of applications.",
                        ),
                    ),
                ),
            ),
            Service(
                "condominium-data",
                Words(
                    "管理機關資料更新",
                    "Actualização dos dados do órgão de administração",
                    "Update of a management body's data",
                ),
                Words(
                    "更新管理機關成員的資料及提交會議紀錄。",
                    "Actualizar os dados dos membros do órgão e entregar actas de reuniões.",
                    "Update the data of its members and hand in minutes of meetings.",
                ),
                (
                    Group(
                        "administrators",
                        ADMINISTRATORS,
                        Words(
                            "可更新成員資料及委任代表。",
                            "Podem actualizar os dados dos membros e nomear representantes.",
                            "May update the members' data and appoint representatives.",
                        ),
                    ),
                    Group(
                        "operators",
                        OPERATORS,
                        Words(
                            "可上載會議紀錄，不可更改成員資料。",
                            "Podem carregar actas, mas não alterar os dados dos membros.",
                            "May upload minutes, but not change the members' data.",
                        ),
                    ),
                ),
            ),
        ),
    ),
    DemoDepartment(
        "sandbox",
        Words("示範部門", "Serviço de demonstração", "Demonstration department"),
        (
            Service(
                "sandbox",
                Words("沙盒電子服務", "Serviço electrónico de ensaio", "Sandbox e-service"),
                Words(
                    "以實體帳戶登入，並查看平台向電子服務提供的資料。",
                    "Entrar com a conta da entidade e ver o que o portal comunica a um serviço electrónico.",
                    "Log in with the entity account and see what the portal tells an e-service.",
                ),
                (
                    Group(
                        "submitters",
                        SUBMITTERS,
                        Words(
                            "可登入並提交示範申請。",
                            "Podem entrar e apresentar pedidos de demonstração.",
                            "May log in and submit applications of the demonstration.",
                        ),
                    ),
                    Group(
                        "viewers",
                        VIEWERS,
                        Words(
                            "可登入，但只可查閱。",
                            "Podem entrar, mas apenas consultar.",
                            "May log in, but only look.",
                        ),
                    ),
                ),
                url="/demo/service/",
            ),
        ),
    ),
)
