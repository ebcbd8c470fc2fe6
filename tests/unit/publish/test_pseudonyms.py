import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish import pseudonyms
from ketaclaims.settings import Settings


def installation(tmp_path, secret=None):
    (tmp_path / "published").mkdir(exist_ok=True)
    return Settings(
        data_root=tmp_path, pseudonym_secret=SecretStr(secret) if secret else None, _env_file=None
    )


CONNECTION = duckdb.connect()


@settings(max_examples=30, deadline=None)
@given(
    secret=st.binary(min_size=16, max_size=130),
    values=st.lists(
        st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=5
    ),
)
def test_sql_macro_equals_python_hmac(secret, values):
    pseudonyms.install_macro(CONNECTION, secret)
    for value in values:
        found = CONNECTION.execute("select pseudonym(?)", [value]).fetchone()[0]
        assert found == (None if value is None else pseudonyms.pseudonym(secret, value))


def test_numbers_and_their_text_have_the_same_key():
    con = duckdb.connect()
    pseudonyms.install_macro(con, b"s" * 32)
    assert con.execute("select pseudonym(42), pseudonym('42')").fetchone() == (
        pseudonyms.pseudonym(b"s" * 32, "42"),
        pseudonyms.pseudonym(b"s" * 32, "42"),
    )


def test_secret_file_is_made_once_private_and_random(tmp_path):
    settings_ = installation(tmp_path)
    first = pseudonyms.publication_secret(settings_)
    file = pseudonyms.secret_file(settings_)
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(first[0]) == 64
    assert pseudonyms.publication_secret(settings_) == first
    other = tmp_path / "other"
    other.mkdir()
    assert pseudonyms.publication_secret(installation(other))[0] != first[0]


def test_changed_secret_is_refused_and_rotation_on_purpose_works(tmp_path):
    pseudonyms.publication_secret(installation(tmp_path, "first secret of the clinic"))
    changed = installation(tmp_path, "second secret of the clinic")
    with pytest.raises(KetaclaimsError, match="PSEUDONYM_SECRET_CHANGED") as error:
        pseudonyms.publication_secret(changed)
    assert "second" not in str(error.value)
    (tmp_path / "published" / ".pseudonym_fingerprint").unlink()
    assert pseudonyms.publication_secret(changed)[0] == b"second secret of the clinic"


def test_lost_secret_file_is_not_silently_made_anew(tmp_path):
    settings_ = installation(tmp_path)
    pseudonyms.publication_secret(settings_)
    pseudonyms.secret_file(settings_).unlink()
    with pytest.raises(KetaclaimsError, match="PSEUDONYM_SECRET_MISSING"):
        pseudonyms.publication_secret(settings_)
    assert not pseudonyms.secret_file(settings_).exists()


def test_weak_or_exposed_secret_is_refused(tmp_path):
    with pytest.raises(KetaclaimsError, match="PSEUDONYM_SECRET_WEAK"):
        pseudonyms.publication_secret(installation(tmp_path, "fifteen bytes .."[:15]))
    settings_ = installation(tmp_path)
    pseudonyms.publication_secret(settings_)
    pseudonyms.secret_file(settings_).chmod(0o640)
    with pytest.raises(KetaclaimsError, match="PSEUDONYM_SECRET_EXPOSED"):
        pseudonyms.publication_secret(settings_)


def test_put_if_absent_never_replaces(tmp_path):
    pseudonyms.put_if_absent(tmp_path / "a", "first")
    pseudonyms.put_if_absent(tmp_path / "a", "second")
    assert (tmp_path / "a").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
