"""The embedded PostgreSQL and the user's own: start, kill, recover, refuse in one sentence."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shucai.base.errors import Refused
from shucai.site import roles
from shucai.site.external import External
from shucai.site.postgres import Server
from shucai.site.postgres_place import SOCKET_PATH_MAX, can_do, socket_folder
from shucai.site.process import OsUser, alive, wait_until

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server") / "postgres")
    made.start()
    yield made
    made.stop()
    made.remove()


def as_application(server: Server, name: str) -> psycopg.Connection:
    login = server.environment(name=name)
    return psycopg.connect(
        host=login["SHUCAI_DB_HOST"],
        dbname=name,
        user=login["SHUCAI_DB_USER"],
        password=login["SHUCAI_DB_PASSWORD"],
        autocommit=True,
    )


def test_a_killed_server_comes_back_at_once_with_its_data(server: Server) -> None:
    with server.connect() as before:
        before.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    assert server.pid

    os.kill(server.pid, signal.SIGKILL)
    server.start()

    with server.connect() as after:
        assert after.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_server_left_behind_is_ended_before_the_next_start(tmp_path: Path) -> None:
    home = tmp_path / "postgres"
    first = Server(home)
    first.start()
    left = first._child
    assert left
    first.release()

    second = Server(home)
    second.start()

    assert left.wait(5)
    assert second.is_ready()
    second.stop()
    second.remove()


def test_the_server_ends_with_its_owner_however_that_ends(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from shucai.site.postgres import Server\n"
        "s = Server(Path(sys.argv[1])); s.start(); print(s.pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "postgres")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert owner.stdout
    pid = int(owner.stdout.readline())

    owner.kill()
    owner.wait()
    owner.stdout.close()

    assert wait_until(lambda: not alive(pid), seconds=10)
    Server(tmp_path / "postgres").remove()


def test_the_same_data_is_opened_by_one_process_only(server: Server) -> None:
    with pytest.raises(Refused) as refusal:
        Server(server.home).start()

    assert refusal.value.code == "CLI-9019"
    assert str(server.home) in str(refusal.value)
    assert server.is_ready()


def test_the_socket_fits_however_long_the_path_of_the_data(tmp_path: Path) -> None:
    home = tmp_path / ("很长的目录名" * 12) / "x" / "postgres"

    address = socket_folder(home) / ".s.PGSQL.5432"

    assert len(os.fsencode(address)) <= SOCKET_PATH_MAX


def test_stray_variables_of_the_caller_do_not_move_the_server(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6666")
    monkeypatch.setenv("PGDATA", "/nowhere")

    assert server.is_ready()


def test_the_application_owns_nothing_and_reads_what_the_owner_makes(server: Server) -> None:
    server.create_database("rights_a")
    with server.connect("rights_a") as admin:
        admin.execute("SET ROLE shucai_owner")
        admin.execute("CREATE TABLE thing (n bigint GENERATED ALWAYS AS IDENTITY, word text)")
    server.create_database("rights_b", template="rights_a")

    with as_application(server, "rights_b") as app:
        app.execute("INSERT INTO thing (word) VALUES ('一')")
        assert app.execute("SELECT word FROM thing").fetchone() == ("一",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine (n int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DROP TABLE thing")


def test_passwords_are_random_and_private(server: Server) -> None:
    place = server.home / "passwords.json"

    assert place.stat().st_mode & 0o077 == 0
    assert len({server.passwords.app, server.passwords.migrator, server.passwords.superuser}) == 3
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(server.socket), user="shucai_app", password="x", dbname="postgres")


@pytest.mark.skipif(not AS_ROOT, reason="only root starts the server as somebody else")
def test_root_in_a_private_folder_keeps_the_data_where_the_server_can_go(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    server = Server(private / "postgres")

    server.start()

    with server.connect() as inside:
        inside.execute("CREATE TABLE kept AS SELECT 7 AS n")
    assert server.cluster.is_symlink()
    assert server.cluster.stat().st_uid == pwd.getpwnam("shucai").pw_uid
    server.stop()
    server.start()
    with server.connect() as inside:
        assert inside.execute("SELECT n FROM kept").fetchone() == (7,)
    server.stop()
    server.remove()
    assert not server.cluster.exists()


@pytest.mark.skipif(not AS_ROOT, reason="the ordinary user's case is every other test then")
def test_an_ordinary_user_starts_a_server_too() -> None:
    found = pwd.getpwnam("nobody")
    nobody = OsUser(name="nobody", uid=found.pw_uid, gid=found.pw_gid)
    if not can_do([sys.executable, str(ROOT / "src/shucai/__init__.py")], nobody):
        pytest.skip("an ordinary user cannot enter this clone")
    home = Path("/var/tmp") / f"shucai-test-{os.getpid()}"  # noqa: S108 (private at once)
    home.mkdir(mode=0o700)
    os.chown(home, nobody.uid, nobody.gid)
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); from pathlib import Path\n"
        "from shucai.site.postgres import Server\n"
        "s = Server(Path(sys.argv[1])); s.start(); s.stop(); s.remove()"
    )

    assert can_do([sys.executable, "-c", script, str(home / "postgres")], nobody)
    home.rmdir()


# DATABASE_URL


def url(server: Server, name: str, *, user: str = "postgres", password: str = "") -> str:
    word = password or server.passwords.superuser
    return f"postgresql://{user}:{word}@/{name}?host={server.socket}&port=5432"


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Server]:
    """A server of somebody else's: no roles of ours."""
    made = Server(tmp_path / "theirs", durable=False)
    made.start()
    with made.connect() as admin:
        for role in (roles.MIGRATOR, roles.APP, roles.OWNER):
            admin.execute(f"DROP ROLE {role}")
    yield made
    made.stop()
    made.remove()


def test_an_administrators_url_makes_everything_and_may_be_used_again(
    bare: Server, tmp_path: Path
) -> None:
    with bare.connect() as admin:
        admin.execute("CREATE ROLE boss LOGIN CREATEROLE CREATEDB PASSWORD 'b'")
    for _ in range(2):
        theirs = External(url(bare, "city", user="boss", password="b"), home=tmp_path)

        theirs.prepare()

    login = theirs.environment()
    assert (login["SHUCAI_DB_USER"], login["SHUCAI_DB_NAME"]) == ("shucai_app", "city")
    migrator = theirs.environment(role=roles.MIGRATOR)
    with psycopg.connect(
        host=str(bare.socket), dbname="city", user=migrator["SHUCAI_DB_USER"],
        password=migrator["SHUCAI_DB_PASSWORD"], options="-c role=shucai_owner",
    ) as inside:  # fmt: skip
        inside.execute("CREATE TABLE thing (n int)")


def test_another_installations_roles_are_not_taken_over(bare: Server, tmp_path: Path) -> None:
    External(url(bare, "city"), home=tmp_path).prepare()
    other = tmp_path / "other"
    other.mkdir()

    with pytest.raises(Refused) as refusal:
        External(url(bare, "town"), home=other).prepare()

    assert refusal.value.code == "CLI-9025"
    assert "SHUCAI_APP_PASSWORD" in str(refusal.value)


def test_a_prepared_owner_needs_no_right_to_create(
    bare: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bare.connect() as admin:
        roles.ensure_roles(admin, known=roles.Passwords(app="a1", migrator="m1"))
        roles.create_database(admin, name="city")
    with bare.connect("city") as inside:
        roles.ensure_privileges(inside)
    monkeypatch.setenv("SHUCAI_APP_PASSWORD", "a1")
    theirs = External(url(bare, "city", user="shucai_migrator", password="m1"), home=tmp_path)

    theirs.prepare()

    migrator = theirs.environment(role=roles.MIGRATOR)
    assert (migrator["SHUCAI_DB_USER"], migrator["SHUCAI_DB_PASSWORD"]) == ("shucai_migrator", "m1")


def test_a_database_that_cannot_hold_chinese_is_refused(bare: Server, tmp_path: Path) -> None:
    with bare.connect() as admin:
        admin.execute(
            "CREATE DATABASE old TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
            " LOCALE_PROVIDER libc"
        )

    with pytest.raises(Refused) as refusal:
        External(url(bare, "old"), home=tmp_path).prepare()

    assert refusal.value.code == "CLI-9026"
    assert "LATIN1" in str(refusal.value)


def test_a_user_without_rights_a_wrong_password_and_nonsense_are_refused(
    server: Server, tmp_path: Path
) -> None:
    with server.connect() as admin:
        admin.execute("CREATE ROLE guest LOGIN PASSWORD 'g'")
    cases = {
        url(server, "postgres", user="guest", password="g"): ("CLI-9024", "guest 既不能建角色"),
        url(server, "postgres", password="wrong"): ("CLI-9022", "的口令不对"),
        "mysql://a:b@c/d": ("CLI-9021", "不是以 postgresql:// 开头的地址"),
        "postgresql://[": ("CLI-9021", "IPv6 地址要写在方括号中"),
        "postgresql://a:b@127.0.0.1:1/x": ("CLI-9022", "该地址上没有数据库在监听"),
        "postgresql://a:b@no.such.invalid/x": ("CLI-9022", "主机名解析不了"),
    }

    for text, (code, reason) in cases.items():
        with pytest.raises(Refused) as refusal:
            External(text, home=tmp_path).prepare()
        assert refusal.value.code == code, text
        assert reason in str(refusal.value)
