"""Archives write below their destination and nowhere else, whatever this Python's tarfile can do by itself."""

import io
import tarfile

import pytest

from environments.trees.archives import extract


def packed(*members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, link in members:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.mode = kind, link, 0o4777
            entry.size = 2 if kind == tarfile.REGTYPE else 0
            archive.addfile(entry, io.BytesIO(b"x\n"))
    return tarfile.open(fileobj=io.BytesIO(buffer.getvalue()))


@pytest.fixture(params=["its own filter", "no filter"])
def tarfile_with(request, monkeypatch):
    if request.param == "no filter":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)


def test_plain_files_are_unpacked_without_special_rights(tarfile_with, tmp_path):
    extract(packed(("top", tarfile.DIRTYPE, ""), ("top/file.py", tarfile.REGTYPE, "")), tmp_path)
    assert (tmp_path / "top/file.py").read_text() == "x\n"
    assert (tmp_path / "top/file.py").stat().st_mode & 0o7022 == 0


@pytest.mark.parametrize(
    "member",
    [
        ("../outside.py", tarfile.REGTYPE, ""),
        ("top/../../outside.py", tarfile.REGTYPE, ""),
        ("link", tarfile.SYMTYPE, "/etc"),
        ("link", tarfile.SYMTYPE, "../outside"),
        ("pipe", tarfile.FIFOTYPE, ""),
    ],
)
def test_what_leads_out_is_refused(tarfile_with, tmp_path, member):
    with pytest.raises(tarfile.TarError):
        extract(packed(member), tmp_path / "in")
    assert not (tmp_path / "outside.py").exists()
