"""The whole portal on its machines, with the configuration files of deploy/ and the settings of a real installation."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from deploy.rehearsal import network
from deploy.rehearsal.database import Databases
from deploy.rehearsal.network import HOSTS, Failed, inside, run
from deploy.rehearsal.processes import Program, Supervisor, wait_until

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
NAME = "portal.example"
HOUSES, PEOPLE = 8, 600  # clients, and people that each of them can assign
PROVIDER_PORT = 8070
LOGS = "96M"  # of all machines but PostgreSQL's, so that it can be filled
AT_ONCE = 16  # requests in nginx: all machines share these few cores
WEB, WORKERS = ("web1", "web2"), ("worker1", "worker2")
ROLES = ("postgres", "owner", "portal", "worker", "replicator", "pool")


@dataclass
class Cluster:
    """Everything, in `folder`, which is made anew."""

    folder: Path
    say: Callable[[str], object]
    supervisor: Supervisor = field(default_factory=Supervisor)
    programs: dict[str, Program] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.passwords = {role: secrets.token_hex(16) for role in ROLES}
        self.databases = Databases(self.folder, self.passwords, self.supervisor)
        self.secret = {name: secrets.token_hex(32) for name in ("SECRET_KEY", "OIDC_SUBJECT_KEY")}
        self.data, self.logs = self.folder / "data", self.folder / "logs"

    # --- up and down ---

    def up(self) -> None:
        """Raises:
        Failed: something did not start; what it said.
        """
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        self.logs.mkdir()
        run(["mount", "-t", "tmpfs", "-o", f"size={LOGS}", "rehearsal", str(self.logs)])
        self.say("network")
        network.up()
        self.say("PostgreSQL, primary")
        self.databases.up()
        self.say("migrations")
        self.data.mkdir()
        (self.data / "keys").mkdir()
        (self.data / "data_keys").mkdir()
        self.manage("signing_keys", "new")
        self.manage("rotate_keys", "new")
        self.manage("migrate", "--noinput", "-v0")
        self.manage("collectstatic", "--noinput", "-v0")
        self.say("people")
        filled = self.python("-m", "deploy.rehearsal.fill", str(HOUSES), str(PEOPLE))
        (self.folder / "houses.json").write_text(filled.splitlines()[-1])
        self.databases.primary.say("ANALYZE", name="portal")
        self.say("PostgreSQL, standby")
        self.databases.follow()
        self.say("provider, pool, workers, web, nginx")
        for start in (self.provider, self.pool, self.workers, self.web, self.front):
            start()
        self.wait_for_pages()

    def down(self) -> None:
        self.supervisor.stop()
        self.databases.down()
        if self.logs.is_dir():
            shutil.copytree(self.logs, self.folder / "logs.kept", dirs_exist_ok=True)
            run(["umount", "-l", str(self.logs)], quiet=True)
        network.down()

    def wait_for_pages(self, seconds: float = 60) -> float:
        return wait_until(lambda: self.fetch("/login/") == 200, "a page of the portal", seconds)

    # --- what the portal is told ---

    @property
    def owner_url(self) -> str:
        return self.databases.primary.url("portal_owner", self.passwords["owner"])

    def settings(self, url: str) -> dict[str, str]:
        """A real installation's; `SMS_SETTLE` is shorter, so that texts that are looked up are waited for less."""
        provider = f"http://{HOSTS['provider']}:{PROVIDER_PORT}/messages"
        return self.secret | {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "entity_portal.settings",
            "DATABASE_URL": url,
            "PORTAL_DATA_DIR": str(self.data),
            "OIDC_KEYS_DIR": str(self.data / "keys"),
            "DATA_KEYS_DIR": str(self.data / "data_keys"),
            "ALLOWED_HOSTS": NAME,
            "PUBLIC_URL": f"https://{NAME}",
            "TRUSTED_HOPS": "1",
            "WITHOUT_TLS": ",".join(HOSTS.values()),
            "SMS_BACKEND": "http_json",
            "SMS_HTTP_URL": provider,
            "SMS_HTTP_FIELDS": json.dumps({"to": "{to}", "text": "{body}", "ref": "{id}"}),
            "SMS_HTTP_LOOK_UP_URL": f"{provider}/{{id}}",
            "SMS_SETTLE": "10",
            "SMS_PER_ENTITY_A_DAY": "1000000",
            "SMS_A_DAY": "10000000",
            "EMAIL_URL": "dummy:",
            "EMAIL_FROM": f"portal@{NAME}",
            "MALLOC_ARENA_MAX": "2",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def web_settings(self) -> dict[str, str]:
        url = f"postgresql://portal:{self.passwords['portal']}@{HOSTS['pool']}:6432/portal"
        return self.settings(url) | {"DATABASE_POOLED": "1"}

    @property
    def worker_settings(self) -> dict[str, str]:
        hosts = f"{HOSTS['db1']},{HOSTS['db2']}:5432/portal?target_session_attrs=read-write"
        return self.settings(f"postgresql://portal_worker:{self.passwords['worker']}@{hosts}")

    def python(self, *arguments: str) -> str:
        """What a program of ours prints, as the owner of the tables, by the primary's socket."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.settings(self.owner_url),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise Failed(f"{' '.join(arguments)}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
        return done.stdout

    def manage(self, *arguments: str) -> str:
        return self.python("manage.py", *arguments)

    # --- machines ---

    def start(self, name: str, host: str, command: list[str], **more: object) -> Program:
        program = Program(name, host, command, log=self.logs / f"{name}.log", **more)  # type: ignore[arg-type]
        program.start()
        self.programs[name] = self.supervisor.add(program)
        return program

    def provider(self) -> None:
        place = self.folder / "provider"
        place.mkdir(exist_ok=True)
        self.provider_is("well")
        arguments = [HOSTS["provider"], str(PROVIDER_PORT), str(place)]
        command = [sys.executable, "-m", "deploy.rehearsal.provider", *arguments]
        self.start("provider", "provider", command, cwd=str(ROOT))

    def provider_is(self, mode: str) -> None:
        """As one of `provider.MODES`."""
        new = self.folder / "provider" / "mode.new"
        new.write_text(mode)
        new.rename(new.with_name("mode"))

    def pool(self) -> None:
        place = self.folder / "pool"
        place.mkdir()
        told = {"POOL_ADDRESS": HOSTS["pool"], "POOL_FOLDER": str(place), "POOL_PASSWORD": self.passwords["pool"]}
        self.pool_told = told | {"PORTAL_PASSWORD": self.passwords["portal"]}
        for name in ("pgbouncer.ini", "userlist.txt"):
            self.fill_in(f"pgbouncer/{name}.template", place / name, self.pool_told)
        self.point_pool()
        for each in (place, *place.iterdir()):
            shutil.chown(each, "postgres", "postgres")
        place.chmod(0o700)
        self.start("pool", "pool", ["pgbouncer", str(place / "pgbouncer.ini")], user="postgres")

    def point_pool(self) -> None:
        """The pool's configuration names the primary of now; `reload_pool` makes a running one read it."""
        told = {"PRIMARY": HOSTS[self.databases.primary.host]}
        self.fill_in("pgbouncer/primary.ini.template", self.folder / "pool" / "primary.ini", told)

    def reload_pool(self) -> None:
        os.kill(self.programs["pool"].pid, signal.SIGHUP)  # as RELOAD at its console

    def web(self) -> None:
        gunicorn = [sys.executable, "-m", "gunicorn", "entity_portal.wsgi", "--preload"]
        gunicorn += ["--workers", "2", "--graceful-timeout", "25"]
        for host in WEB:
            command = [*gunicorn, "--bind", f"{HOSTS[host]}:8000"]
            self.start(host, host, command, told=self.web_settings, cwd=str(ROOT))

    def workers(self) -> None:
        command = [sys.executable, "manage.py", "procrastinate", "worker"]
        for host in WORKERS:
            self.start(host, host, command, told=self.worker_settings, cwd=str(ROOT))

    def front(self) -> None:
        place = self.folder / "front"
        (place / "cache").mkdir(parents=True)
        request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        request += ["-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
        run([*request, "-keyout", str(place / "portal.key"), "-out", str(place / "portal.crt")])
        for each in ("proxy.conf", "headers.conf", "busy.html", "away.html"):
            shutil.copy(DEPLOY / "nginx" / each, place / each)
        self.web_machines()
        told = {
            "PORTAL_HOST": NAME,
            "TLS_CERTIFICATE": str(place / "portal.crt"),
            "TLS_KEY": str(place / "portal.key"),
            "WEB_SERVERS": str(place / "web.conf"),
            "PORTAL_PAGES": str(place),
            "AT_ONCE": str(AT_ONCE),
            "DOORS_AT_ONCE": str(AT_ONCE // 2),
            "ACCESS_LOG": str(self.logs / "portal.log"),
            "ERROR_LOG": str(self.logs / "nginx.log"),
        }
        self.fill_in("nginx/portal.conf.template", place / "portal.conf", told)
        site = (place / "portal.conf").read_text()
        site = site.replace("/var/cache/nginx/portal", str(place / "cache"))
        (place / "portal.conf").write_text(site)
        # What Debian's nginx.conf has around conf.d.
        (place / "nginx.conf").write_text(
            f"daemon off;\nuser www-data;\nworker_processes auto;\npid {place}/nginx.pid;\n"
            f"error_log {self.logs}/nginx.log warn;\nevents {{ worker_connections 4096; }}\n"
            f"http {{\ninclude /etc/nginx/mime.types;\ndefault_type application/octet-stream;\n"
            f"client_body_temp_path {place}/body;\nproxy_temp_path {place}/proxy;\n"
            f"include {place}/portal.conf;\n}}\n"
        )
        command = ["nginx", "-c", str(place / "nginx.conf"), "-e", str(self.logs / "nginx.log")]
        run([*inside("front"), *command, "-t"])
        self.start("front", "front", command)

    def web_machines(self, *, out: str = "") -> None:
        """Write the list of web machines; `out` is one that is to get nothing more."""
        lines = [
            f"server {HOSTS[host]}:8000 max_fails=2 fail_timeout=2s{' down' if host == out else ''};" for host in WEB
        ]
        (self.folder / "front" / "web.conf").write_text("\n".join(lines) + "\n")

    def reload_front(self) -> None:
        os.kill(self.programs["front"].pid, signal.SIGHUP)  # nginx -s reload

    @staticmethod
    def fill_in(template: str, target: Path, told: dict[str, str]) -> None:
        """As `envsubst` with these names alone: `$host` and its like are nginx's."""
        target.write_text(Template((DEPLOY / template).read_text()).safe_substitute(told))

    # --- looking ---

    def fetch(self, path: str, *, host: str = "client", web: str = "") -> int:
        """The status of a page by the front, or asked of one web machine itself; 0 for no answer."""
        command = [*inside(host), "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10"]
        if web:
            about = ["-H", f"Host: {NAME}", "-H", "X-Forwarded-Proto: https", f"http://{HOSTS[web]}:8000{path}"]
        else:
            certificate = str(self.folder / "front" / "portal.crt")
            about = ["--cacert", certificate, "--resolve", f"{NAME}:443:{HOSTS['front']}", f"https://{NAME}{path}"]
        return int(run([*command, *about], quiet=True) or 0)
