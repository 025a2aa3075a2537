import shutil
from pathlib import Path

import pytest

from provisioning.catalog import load_catalog
from provisioning.errors import CatalogError
from tests.scripted import SMALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "catalog"))


def change(folder: Path, old: str, new: str, file: str = "database/resource.toml") -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('type = "integer"', 'type = "int"', "parameters.storage_gb.type"),
        ("minimum = 20", 'minimum = "20"', "parameters.storage_gb.minimum"),
        ("default = 20", "default = 5", "default of storage_gb in dev: Storage must be at least 20 GB"),
        ('suffix = "db"', 'sufix = "db"', "sufix"),
        ('parameter = "backup_days"', 'parameter = "backups"', "policy.prod-backups: 'backups' is not a parameter"),
        ("backup_days = 14", "backup_days = 3", "policy.prod-backups: the default of backup_days in prod"),
        ("[defaults.prod]", "[defaults.production]", "defaults.production: not an environment"),
        ('setting = "subnet_ids"', 'setting = "subnets"', "no 'subnets'"),
        ("max_length = 65536", 'pattern = "("', "not a regular expression"),
        ("max_length = 65536", "structure = true", "may decide structure"),
        ('question = "Which engine?"', "", "parameters.engine.question"),
        ('unique_by = "name"', 'unique_by = "title"', "not a field of its items"),
        ('parameters = { engine = "postgres" }', 'parameters = { engine = "db2" }', "examples"),
        ("[[examples]]", "[[examples]", "not TOML"),
    ],
)
def test_a_mistake_stops_the_start_and_names_file_key_and_reason(folder: Path, old: str, new: str, said: str) -> None:
    change(folder, old, new)
    with pytest.raises(CatalogError) as refusal:
        load_catalog([folder])
    assert "database/resource.toml" in refusal.value.message
    assert said in refusal.value.message


def test_a_type_without_a_template_is_named(folder: Path) -> None:
    (folder / "database/main.tf.j2").unlink()
    with pytest.raises(CatalogError, match=r"main\.tf\.j2: missing"):
        load_catalog([folder])


def test_a_folder_without_a_platform_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"_common/platform\.toml: missing"):
        load_catalog([tmp_path])


def test_the_last_folder_that_has_a_type_wins_and_the_others_add_up(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(folder / "database", own / "database")
    shutil.copytree(folder / "database", own / "ledger")
    change(own, 'title = "Database"', 'title = "Our database"')

    catalog = load_catalog([folder, own])

    assert list(catalog.types) == ["database", "ledger"]
    assert catalog.types["database"].file.title == "Our database"


def test_the_digest_changes_with_a_template_and_not_with_the_place(folder: Path, tmp_path: Path) -> None:
    elsewhere = Path(shutil.copytree(folder, tmp_path / "elsewhere" / "catalog"))
    before = load_catalog([folder]).types["database"].digest
    assert load_catalog([elsewhere]).types["database"].digest == before
    change(folder, "identifier", "identifier_prefix", "database/main.tf.j2")
    assert load_catalog([folder]).types["database"].digest != before
