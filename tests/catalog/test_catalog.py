import shutil
from pathlib import Path

import pytest

from provisioning.catalog import load_catalog
from provisioning.errors import CatalogError
from tests.support.scripted import SMALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "catalog"))


def change(folder: Path, old: str, new: str, file: str = "database/resource.toml") -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def refusal(folder: Path) -> str:
    with pytest.raises(CatalogError) as refused:
        load_catalog([folder])
    return refused.value.message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('type = "integer"', 'type = "int"', "parameters.storage_gb.type"),
        ("minimum = 20", 'minimum = "20"', "parameters.storage_gb.minimum"),
        (
            "default = 20",
            "default = 5",
            "default of storage_gb in dev: Storage must be at least 20 GB",
        ),
        ('suffix = "db"', 'sufix = "db"', "sufix: there is no such key"),
        (
            'parameter = "backup_days"',
            'parameter = "backups"',
            "policy.prod-backups: 'backups' is not a parameter",
        ),
        (
            "backup_days = 14",
            "backup_days = 3",
            "policy.prod-backups: the default of backup_days in prod",
        ),
        ("[defaults.prod]", "[defaults.production]", "defaults.production: not an environment"),
        ('setting = "subnet_ids"', 'setting = "subnets"', "no 'subnets'"),
        ("max_length = 65536", 'pattern = "("', "not a regular expression"),
        ("max_length = 65536", "structure = true", "may decide structure"),
        ('question = "Which engine?"', "", "parameters.engine.question"),
        ('unique_by = "name"', 'unique_by = "title"', "not a field of its items"),
        ('parameters = { engine = "postgres" }', 'parameters = { engine = "db2" }', "examples"),
        ("[[examples]]", "[[examples]", "not TOML"),
        (
            "maximum = 1000",
            "maximum = 10",
            "parameters.storage_gb.minimum: 20 is above the maximum, 10",
        ),
        (
            'recommended = "postgres"',
            'recommended = "db2"',
            "parameters.engine: Engine cannot be 'db2'",
        ),
        (
            'allowed = "versions.{engine}"',
            'allowed = "version.{engine}"',
            "allowed.json has no list 'version.postgres'",
        ),
        (
            'allowed = "versions.{engine}"',
            'allowed = "versions.{motor}"',
            "'motor' is not a parameter",
        ),
        (
            '["postgres", "mysql"]',
            '["postgres", "mysql", "maria"]',
            "allowed.json has no list 'versions.maria'",
        ),
        (
            'when = { engine = "mysql" }',
            'when = { motor = "mysql" }',
            "conditional_defaults[1].when: 'motor' is not",
        ),
        (
            'when = { environment = "prod" }',
            'when = { stage = "prod" }',
            "policy.prod-backups: 'stage' is not",
        ),
        ("value = 7", 'value = "7"', "policy.prod-backups: minimum needs a number, not '7'"),
        ('operator = "minimum"', 'operator = "one_of"', "policy.prod-backups: one_of needs a list"),
        (
            'parameter = "backup_days"',
            'parameter = "note"',
            "minimum is for numbers; 'note' is of type string",
        ),
        (
            'right = "max_storage_gb"',
            'right = "note"',
            "relation.storage-grows: at_most is for numbers; 'note'",
        ),
        ('right = "max_storage_gb"', "", "relation.storage-grows: at_most needs left and right"),
        (
            "[parameters.note]",
            "[parameters.tags]",
            "parameters.tags: every resource has this already",
        ),
        (
            'suffix = "db"',
            'suffix = "db"\nemulator = [{ reason = "x", omit = true }]',
            "emulator[0]: either parameters, or",
        ),
        (
            'suffix = "db"',
            'suffix = "db"\nemulator = [{ reason = "x", parameters = { motor = "v8" } }]',
            "emulator[0].parameters: 'motor' is not a parameter",
        ),
        (
            'suffix = "db"',
            'aws_name = "{env}-{name}"',
            "aws_name: '{env}-{name}' may hold {organization}",
        ),
    ],
)
def test_a_mistake_stops_the_start_and_names_file_key_and_reason(
    folder: Path, old: str, new: str, said: str
) -> None:
    change(folder, old, new)
    message = refusal(folder)
    assert "database/resource.toml" in message
    assert said in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{% endif %}", "", "main.tf.j2: line 9: not Jinja: Unexpected end of template"),
        (
            '{% if engine == "postgres" %}',
            "{% if note %}",
            "line 9: 'note' may not decide here, only engine, environment",
        ),
        (
            '{% if engine == "postgres" %}',
            "{% if nothing %}",
            "line 9: 'nothing' may not decide here",
        ),
        ("= var.engine\n", "= {{ engine }}\n", "line 3: a value is printed without | hcl"),
        ("= var.engine\n", "= {{ engine | upper }}\n", "a value is printed without | hcl"),
        ("= var.engine\n", "= {{ engine | upper | hcl }}\n", "line 3: there is no filter 'upper'"),
        ("= var.engine\n", "= {% include 'x' %}\n", "line 3: a template stands for itself"),
        ("= var.engine\n", "= var.motor\n", "line 3: var.motor is not a parameter"),
    ],
)
def test_a_mistake_in_a_template_stops_the_start_before_anybody_asks_for_it(
    folder: Path, old: str, new: str, said: str
) -> None:
    change(folder, old, new, "database/main.tf.j2")
    message = refusal(folder)
    assert f"{folder}/database/main.tf.j2: line " in message
    assert said in message


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("platform.toml", "{environment}-{word}", "{env}-{word}", "platform.toml: branch: "),
        (
            "platform.toml",
            'default_environment = "dev"',
            'default_environment = "qa"',
            "default_environment: 'qa'",
        ),
        (
            "platform.toml",
            'source = "team"',
            'source = "team"\nvalue = "x"',
            "tags.Team: either a value or a source",
        ),
        (
            "backend.tf.j2",
            "state_key",
            "key",
            "_common/backend.tf.j2: line 4: 'key' may not decide",
        ),
        ("allowed.json", '"versions"', "versions", "allowed.json: not JSON"),
    ],
)
def test_a_mistake_in_what_all_types_share_is_named(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    change(folder, old, new, f"_common/{file}")
    assert said in refusal(folder)


def test_files_and_folders_that_cannot_be_read_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"CATALOG_PATHS: .*nowhere is not a folder"):
        load_catalog([folder, tmp_path / "nowhere"])
    (folder / "_common/providers.tf.j2").rename(folder / "_common/providers")
    with pytest.raises(CatalogError, match=r"_common/providers\.tf\.j2: missing"):
        load_catalog([folder])
    (folder / "database/main.tf.j2").write_bytes(b"\xff")
    with pytest.raises(
        CatalogError, match=r"main\.tf\.j2: not UTF-8: invalid start byte at byte 0"
    ):
        load_catalog([folder])


def test_a_folder_name_that_no_path_should_hold_is_refused(folder: Path) -> None:
    (folder / "database").rename(folder / "Data base")
    with pytest.raises(CatalogError, match="the folder's name: 'Data base' must match"):
        load_catalog([folder])


def test_a_certificate_that_cannot_be_read_stops_the_start_and_not_a_request(folder: Path) -> None:
    (folder / "database/certificate.json").write_text("{}")
    with pytest.raises(CatalogError, match="this is no certificate"):
        load_catalog([folder])


def test_a_type_without_a_template_is_named(folder: Path) -> None:
    (folder / "database/main.tf.j2").unlink()
    with pytest.raises(CatalogError, match=r"main\.tf\.j2: missing"):
        load_catalog([folder])


def test_a_folder_without_a_platform_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"_common/platform\.toml: missing"):
        load_catalog([tmp_path])


def test_the_last_folder_that_has_a_type_wins_and_the_others_add_up(
    folder: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    shutil.copytree(folder / "database", own / "database")
    shutil.copytree(folder / "database", own / "ledger")
    change(own, 'title = "Database"', 'title = "Our database"')

    catalog = load_catalog([folder, own])

    assert list(catalog.types) == ["database", "ledger"]
    assert catalog.types["database"].file.title == "Our database"


def test_the_digest_changes_with_a_template_and_not_with_the_place(
    folder: Path, tmp_path: Path
) -> None:
    elsewhere = Path(shutil.copytree(folder, tmp_path / "elsewhere" / "catalog"))
    before = load_catalog([folder]).types["database"].digest
    assert load_catalog([elsewhere]).types["database"].digest == before
    change(folder, "identifier", "identifier_prefix", "database/main.tf.j2")
    assert load_catalog([folder]).types["database"].digest != before
