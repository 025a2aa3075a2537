"""Words of a type may lie in a file of their own, which says nothing but words."""

import shutil
from pathlib import Path

import pytest

from provisioning.catalog import BUILT_IN, load_catalog
from provisioning.errors import CatalogError
from tests.support.scripted import SMALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "catalog"))


def test_words_of_both_files_count(folder: Path) -> None:
    before = load_catalog([folder]).types["database"]
    (folder / "database/vocabulary.toml").write_text(
        'synonyms = ["base"]\n[parameters.storage_gb]\nsynonyms = ["speicher"]\n'
        '[parameters.engine.values]\npostgres = ["elephant"]\n'
    )
    after = load_catalog([folder]).types["database"]
    assert after.file.synonyms == [*before.file.synonyms, "base"]
    assert "speicher" in after.parameters["storage_gb"].synonyms
    assert "elephant" in after.parameters["engine"].values["postgres"]
    assert after.digest == before.digest


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('[parameters.nonsense]\nsynonyms = ["x"]', "nonsense"),
        ("[parameters.storage_gb]\nminimum = 1", "parameters.storage_gb.minimum"),
        ('title = "Another"', "title: there is no such key"),
        ("synonyms = [", "not TOML"),
    ],
)
def test_a_file_of_words_holds_words_alone(folder: Path, words: str, said: str) -> None:
    (folder / "database/vocabulary.toml").write_text(words)
    with pytest.raises(CatalogError) as refused:
        load_catalog([folder])
    assert "vocabulary.toml" in refused.value.message
    assert said in refused.value.message


def test_the_built_in_types_are_read_without_their_spellings() -> None:
    for path in BUILT_IN.glob("*/resource.toml"):
        assert "synonyms = " not in path.read_text(encoding="utf-8"), path
