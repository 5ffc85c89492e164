"""Every advice about what stands against a change, followed: it ends well."""

import io
import json
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from lebots.run.inputs import embedded
from lebots.sandbox import Rules, Sandbox
from tests.cli.conftest import Application, Project, refusing, skill

DATABASE = ".lebots/sandbox.db"
FOREVER = "until something is changed"
FIRST = "first change what the account refuses for good"


@pytest.fixture
def ruled(lebots: Project, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Opens the account with other rules from now on."""

    def rule(**rules: Any) -> None:
        monkeypatch.setattr(embedded, "Sandbox", partial(lebots.open, rules=Rules(**rules)))

    return rule


def put(project: Project, collection: str, **fields: Any) -> Any:
    """Puts an object into the account, past the rules."""
    with closing(Sandbox(project.folder / DATABASE)) as account:
        return account.put(collection, fields)


def manifest(kind: str, name: str, **spec: Any) -> str:
    document = {"apiVersion": "lebots/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}
    return f"---\n{json.dumps(document)}\n"


def says(text: str, *words: str) -> None:
    flat = " ".join(text.split())
    assert all(word in flat for word in words), flat


def is_final(project: Project, *words: str, name: str = "") -> None:
    """Twice the same: refused for good, and nobody says that a new run would do it."""
    for _ in range(2):
        ran = project("apply", "--yes")
        assert ran.code == 7, ran.all
        says(ran.all, FIRST, FOREVER, *words)
        assert "run again" not in ran.all
        assert "a new run" not in ran.all


# Refused for good


@pytest.mark.parametrize("status", [400, 409])
def test_a_name_that_a_deleted_object_holds(
    lebots: Project, ruled: Callable[..., None], status: int
) -> None:
    ruled(duplicate_status=status)
    lebots.write("manifests/routing-bot.yaml", skill("old"))
    put(lebots, "skills", name="old", deleted=True, id=77)
    is_final(lebots, "a deleted skill (id 77) holds the name old: choose another name")
    lebots.write("manifests/routing-bot.yaml", skill("new"))
    assert lebots("apply", "--yes").code == 0


@pytest.mark.parametrize("status", [400, 409])
def test_a_new_name_that_a_deleted_object_holds(
    lebots: Project, ruled: Callable[..., None], status: int
) -> None:
    ruled(duplicate_status=status)
    put(lebots, "skills", name="old", deleted=True, id=77)
    renamed = skill("old").replace('"name": "old"', '"name": "old", "previously": ["Sales"]')
    lebots.write("manifests/routing-bot.yaml", renamed)
    is_final(lebots, "a deleted skill (id 77) holds the name old: choose another name")
    lebots.write("manifests/routing-bot.yaml", renamed.replace('"name": "old"', '"name": "new"'))
    assert lebots("apply", "--yes").code == 0


@pytest.mark.parametrize("status", [400, 403])
def test_an_account_without_bots(lebots: Project, ruled: Callable[..., None], status: int) -> None:
    ruled(bot_users="off", bot_users_off_status=status)
    is_final(lebots, "its user type Bot may be off: the LivePerson account team switches it on")
    ruled(bot_users="on")
    assert lebots("apply", "--yes").code == 0


def test_a_blank_text(lebots: Project, ruled: Callable[..., None]) -> None:
    ruled(blank_required="refused")
    file = lebots.folder / "manifests/routing-bot.yaml"
    good = file.read_text()
    file.write_text(good.replace("nickname: Ava", 'nickname: " "'))
    is_final(lebots, "change nickname in the manifest")
    file.write_text(good)
    assert lebots("apply", "--yes").code == 0


@pytest.mark.parametrize("status", [400, 403, 405, 409, 412, 422])
def test_an_update_that_is_refused(lebots: Project, status: int) -> None:
    lebots.write("manifests/routing-bot.yaml", skill("Sales"))
    lebots.wrapper = refusing("PUT", "/skills", status)
    is_final(lebots, f"{status} refused by the test")
    lebots.wrapper = None
    assert lebots("apply", "--yes").code == 0


def test_a_revision_that_somebody_moves_is_worth_another_run(lebots: Project) -> None:
    lebots.write("manifests/routing-bot.yaml", skill("Sales"))

    def busy(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PUT":
            put(lebots, "skills", name=f"busy {len(lebots.requests)}")
        return application(environ, start_response)

    lebots.wrapper = busy
    ran = lebots("apply", "--yes")
    assert ran.code == 7
    says(ran.all, "somebody else changed skills 5 times in a row; run again")
    lebots.wrapper = None
    assert lebots("apply", "--yes").code == 0


# Names and texts


def test_a_name_with_a_blank(lebots: Project) -> None:
    id_ = put(lebots, "skills", name="Bills ", canTransfer=True)
    lebots.write("manifests/routing-bot.yaml", skill("Bills"))
    ran = lebots("plan")
    assert ran.code == 6
    says(ran.all, "rename it in the account, to one line without blanks around it")
    says(lebots("import", "--out", "imported").err, "rename it in the account")
    put(lebots, "skills", id=id_, name="Bills", canTransfer=True)
    assert lebots("apply", "--yes").code == 0
    assert lebots("import", "--out", "again", "--name", "Bills").code == 0


def test_lines_end_alike(lebots: Project) -> None:
    put(lebots, "skills", name="Lines", description="one\r\ntwo\r\n", canTransfer=True)
    lebots.write("manifests/routing-bot.yaml", skill("Lines", description="one\r\ntwo\r\n"))
    says(lebots("plan").err, "end lines with a line feed")
    lebots.write("manifests/routing-bot.yaml", skill("Lines", description="one\ntwo\n"))
    assert lebots("plan", "--check").code == 0
    assert "left out: a carriage" not in lebots("import", "--out", "imported").err
    assert lebots("plan", "imported", "--check").code == 0


def test_a_value_that_the_account_keeps_otherwise(
    lebots: Project, ruled: Callable[..., None]
) -> None:
    ruled(text="trimmed")
    lebots.write("manifests/routing-bot.yaml", skill("blanks", description="outer "))
    ran = lebots("apply", "--yes")
    assert ran.code == 7
    says(ran.err, 'is "outer", must be "outer "', "write the value as the account does")
    lebots.write("manifests/routing-bot.yaml", skill("blanks", description="outer"))
    assert lebots("plan", "--check").code == 0


def test_an_answer_that_is_lost_is_worth_another_run(lebots: Project) -> None:
    lebots.write("manifests/routing-bot.yaml", skill("lost"))

    def losing(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            application(environ, lambda *about: None)
            lebots.wrapper = refusing("GET", "/skills", 403)
            start_response("500 Lost", [])
            return []
        return application(environ, start_response)

    lebots.wrapper = losing
    ran = lebots("apply", "--yes")
    assert ran.code == 7
    says(ran.all, "run again: it looks what became of the unknown ones before it writes")
    lebots.wrapper = None
    assert lebots("apply", "--yes").code == 0
    assert len([name for name in lebots.writes if name.startswith("POST")]) == 1


def test_two_app_keys_of_one_name(lebots: Project) -> None:
    for number in "12":
        put(lebots, "appKeys", keyId=number * 32, appName="twin", enabled=True)
    lebots.write("manifests/routing-bot.yaml", manifest("Key", "twin", type="oauth1"))
    ran = lebots("plan")
    assert ran.code == 6
    says(ran.all, "can neither rename nor remove them: use a key of type oauth2 instead")
    says(lebots("import", "--out", "imported").err, "use a key of type oauth2 instead")
    new = manifest("Key", "single", type="oauth2", sink="runtime")
    lebots.write("manifests/routing-bot.yaml", new)
    assert lebots("apply", "--yes").code == 0


def test_a_login_name_nobody_can_write(lebots: Project) -> None:
    file = lebots.folder / "manifests/routing-bot.yaml"
    assert lebots("apply", "--yes").code == 0
    with closing(Sandbox(lebots.folder / DATABASE)) as account:
        bot = account.find("users", "routing-bot")
        account.put("users", {**bot, "loginName": "routing-bot "})
    ran = lebots("plan")
    assert ran.code == 6
    says(ran.all, "declare a new bot beside the old one, and move over to it")
    text = file.read_text().replace("kind: BotUser\nmetadata:\n  name: routing-bot", NEW_BOT)
    file.write_text(text)
    assert lebots("apply", "--yes").code == 0


NEW_BOT = "kind: BotUser\nmetadata:\n  name: new-bot"


def test_a_text_over_the_limit(lebots: Project) -> None:
    application = {"client_name": "long", "enabled": True, "client_secret": "canary-of-a-test"}
    put(lebots, "installations", **application, description="x" * 2000)
    spec = {"type": "oauth2", "overview": "new", "sink": None}
    lebots.write("manifests/routing-bot.yaml", manifest("Key", "long", **spec))
    ran = lebots("apply", "--yes")
    if ran.code:
        says(ran.all, FIRST, "change description in the manifest")
    spec["description"] = "x" * 257
    lebots.write("manifests/routing-bot.yaml", manifest("Key", "long", **spec))
    assert lebots("plan").code == 4
    spec["description"] = "short"
    lebots.write("manifests/routing-bot.yaml", manifest("Key", "long", **spec))
    assert lebots("apply", "--yes").code == 0


# Nothing is guessed


def test_a_key_that_no_list_shows_is_left_as_it_is(
    lebots: Project, ruled: Callable[..., None]
) -> None:
    ruled(key_must_exist=False)
    assert lebots("apply", "--yes").code == 0
    with closing(Sandbox(lebots.folder / DATABASE)) as account:
        bot = account.find("users", "routing-bot")
        account.put("users", {**bot, "allowedAppKeys": "of-another-kind"})
    ran = lebots("import", "--out", "imported")
    says(ran.err, "key is left out: no list shows the key <id of-another-kind>; it stays in the")
    assert "gone" not in ran.err
    assert lebots("plan", "imported", "--check").code == 0
    lebots.write("manifests/routing-bot.yaml", manifest("BotUser", "routing-bot", nickname="Eva"))
    assert lebots("apply", "--yes").code == 0
    with closing(Sandbox(lebots.folder / DATABASE)) as account:
        assert account.find("users", "routing-bot")["allowedAppKeys"] == "of-another-kind"


def test_an_application_without_redirect_addresses_is_told_of_when_it_is_new(
    lebots: Project,
) -> None:
    grants = ["client_credentials", "authorization_code"]
    spec: dict[str, Any] = {"type": "oauth2", "grant_types": grants, "sink": "runtime"}
    lebots.write("manifests/routing-bot.yaml", manifest("Key", "browser", **spec))
    ran = lebots("plan")
    assert ran.code == 0
    says(ran.all, "warning redirect-uris-missing")
    is_final(lebots, "change redirect_uris in the manifest")
    named = {**spec, "redirect_uris": ["https://bots.example.com/"]}
    lebots.write("manifests/routing-bot.yaml", manifest("Key", "browser", **named))
    assert lebots("apply", "--yes").code == 0
    old = {"client_name": "old", "enabled": True, "client_secret": "canary-of-a-test"}
    put(lebots, "installations", **old, grant_types=grants)
    spec["sink"] = None
    lebots.write("manifests/routing-bot.yaml", manifest("Key", "old", **spec))
    for command in (["plan", "--check"], ["doctor"], ["import", "--out", "imported"]):
        ran = lebots(*command)
        assert ran.code == 0
        assert "redirect-uris" not in ran.all
    lebots.write("manifests/routing-bot.yaml", manifest("Key", "old", **spec, overview="new"))
    assert lebots("apply", "--yes").code == 0


def test_a_masked_secret_blocks_only_what_needs_it(
    lebots: Project, ruled: Callable[..., None]
) -> None:
    secret = "canary-of-a-test"
    put(lebots, "installations", client_name="odd", enabled=True, client_secret=secret)
    ruled(secrets_on_read="masked")
    spec = {"type": "oauth2", "sink": None}
    same = manifest("Key", "odd", **spec) + skill("one")
    lebots.write("manifests/routing-bot.yaml", same)
    assert lebots("apply", "--yes").code == 0, "what is not written needs no secret"
    changed = manifest("Key", "odd", **spec, overview="new") + skill("two")
    lebots.write("manifests/routing-bot.yaml", changed)
    is_final(lebots, "was read with a masked secret", "make this change in the account by hand")
    with closing(Sandbox(lebots.folder / DATABASE)) as account:
        found = account.find("installations", "odd")
        assert found["client_secret"] == secret
        assert account.find("skills", "two")
        account.put("installations", {**found, "overview": "new"})
    assert lebots("plan", "--check").code == 0


def test_a_put_says_nothing_of_deleted(lebots: Project) -> None:
    sent: list[Any] = []

    def watching(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PUT":
            body = environ["wsgi.input"].read()
            sent.append(json.loads(body))
            environ["wsgi.input"] = io.BytesIO(body)
        return application(environ, start_response)

    lebots.wrapper = watching
    bot = manifest("BotUser", "survey-bot", nickname="Eva")
    lebots.write("manifests/routing-bot.yaml", skill("Sales") + bot)
    assert lebots("apply", "--yes").code == 0
    assert len(sent) == 2
    assert not any("deleted" in body for body in sent)
