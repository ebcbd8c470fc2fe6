from pathlib import Path

from ketaclaims.orchestration.data_dictionary import as_markdown, parsed_manifest

ROOT = Path(__file__).parents[2]


def test_the_data_dictionary_is_fresh_and_every_table_says_what_a_row_is(tmp_path, monkeypatch):
    monkeypatch.setenv("KETACLAIMS_WAREHOUSE_FILE", str(tmp_path / "none.duckdb"))
    monkeypatch.setenv("KETACLAIMS_RAW_DIR", str(tmp_path))
    manifest = parsed_manifest(tmp_path)
    assert (ROOT / "docs" / "data_dictionary.md").read_text() == as_markdown(manifest), "run `make docs`"
    for node in manifest["nodes"].values():
        if node["resource_type"] in {"model", "seed"}:
            assert node["description"].startswith("One row per "), node["name"]
