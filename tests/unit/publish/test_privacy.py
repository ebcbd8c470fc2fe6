import json

import pytest

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.privacy import published_columns, read_marts


def manifest(tmp_path, columns, schema="marts"):
    node = {
        "resource_type": "model",
        "schema": schema,
        "name": "fct_x",
        "alias": "fct_x",
        "description": "One row per\n  thing.",
        "columns": {
            name: {"name": name, "description": "", "config": {"meta": {"privacy": value} if value else {}}}
            for name, value in columns.items()
        },
    }
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"nodes": {"model.p.fct_x": node}}))
    return path


def test_privacy_and_description_are_read(tmp_path):
    (mart,) = read_marts(manifest(tmp_path, {"a": "plain", "b": "withhold", "c": "pseudonymise"}))
    assert (mart.name, mart.description) == ("fct_x", "One row per thing.")
    assert [(c.name, c.privacy) for c in published_columns(mart, ["c", "b", "a"])] == [
        ("c", "pseudonymise"),
        ("a", "plain"),
    ]


@pytest.mark.parametrize("value", [None, "public", "Plain", True])
def test_column_without_valid_privacy_is_refused_and_named(tmp_path, value):
    with pytest.raises(KetaclaimsError, match=r"PRIVACY_UNDECLARED.*fct_x\.b"):
        read_marts(manifest(tmp_path, {"a": "plain", "b": value}))


def test_warehouse_and_manifest_must_name_the_same_columns(tmp_path):
    (mart,) = read_marts(manifest(tmp_path, {"a": "plain", "b": "plain"}))
    with pytest.raises(KetaclaimsError, match=r"without a declaration: \['ssn'\]"):
        published_columns(mart, ["a", "b", "ssn"])
    with pytest.raises(KetaclaimsError, match=r"absent from the warehouse: \['b'\]"):
        published_columns(mart, ["a"])


def test_a_mart_of_withheld_columns_alone_is_refused(tmp_path):
    (mart,) = read_marts(manifest(tmp_path, {"a": "withhold"}))
    with pytest.raises(KetaclaimsError, match="ALL_WITHHELD"):
        published_columns(mart, ["a"])


def test_missing_broken_or_empty_manifest_is_refused(tmp_path):
    with pytest.raises(KetaclaimsError, match="NO_MANIFEST"):
        read_marts(tmp_path / "absent.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(KetaclaimsError, match="BAD_MANIFEST"):
        read_marts(tmp_path / "bad.json")
    with pytest.raises(KetaclaimsError, match="NO_MARTS"):
        read_marts(manifest(tmp_path, {"a": "plain"}, schema="audit"))
