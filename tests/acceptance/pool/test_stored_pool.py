from acceptance.pool.stored_pool import restore, store


def make(folder):
    (folder / "tasks/a-1").mkdir(parents=True)
    (folder / "tasks/a-1/decision.json").write_text("{}")
    (folder / "run.yaml").write_text("schema: 1\n")
    (folder / ".lock").write_text("")
    (folder / "report.html").write_text("x")


def test_a_stored_pool_comes_back_as_it_was(tmp_path):
    make(tmp_path / "pool")
    store(tmp_path / "pool", tmp_path / "pool.tar.xz")
    assert restore(tmp_path / "again", tmp_path / "pool.tar.xz")
    found = {str(p.relative_to(tmp_path / "again")) for p in (tmp_path / "again").rglob("*") if p.is_file()}
    assert found == {"tasks/a-1/decision.json", "run.yaml"}


def test_what_is_there_is_never_overwritten(tmp_path):
    make(tmp_path / "pool")
    store(tmp_path / "pool", tmp_path / "pool.tar.xz")
    (tmp_path / "pool/run.yaml").write_text("schema: 2\n")
    assert not restore(tmp_path / "pool", tmp_path / "pool.tar.xz")
    assert (tmp_path / "pool/run.yaml").read_text() == "schema: 2\n"


def test_the_same_files_make_the_same_archive(tmp_path):
    for name in ("one", "two"):
        make(tmp_path / name)
        store(tmp_path / name, tmp_path / f"{name}.tar.xz")
    assert (tmp_path / "one.tar.xz").read_bytes() == (tmp_path / "two.tar.xz").read_bytes()


def test_without_an_archive_the_pool_is_begun(tmp_path):
    assert not restore(tmp_path / "pool", tmp_path / "none.tar.xz")
    assert not (tmp_path / "pool").exists()
