"""Class 4: what strangers wrote is read within bounds of bytes, values, depth and aliases, and from regular files."""

import os

import pytest

from environments.bounded import TooLarge, json_value, open_regular, read_regular, yaml_value

MERGED = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 9))
LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "[" + "[]," * 2_000_000 + "1]", "[" * 3 + "1" * 200]
)
def test_json_without_measure_is_refused_before_it_takes_memory(text):
    with pytest.raises(TooLarge):
        json_value(text, at_most=100 if text.startswith("[[[1") else 1 << 26)


@pytest.mark.parametrize("text", ["- " * 70 + "a", "[" * 5000, MERGED, LAUGHS, "[" + "a," * 100_001 + "]"])
def test_yaml_without_measure_is_refused_before_anything_is_made_of_it(text):
    with pytest.raises(ValueError, match=r"nested too deep|holds over|maximum nesting depth"):
        yaml_value(text)


def test_values_are_those_of_the_libraries():
    assert json_value(b'{"a": [1, 2.5, null, "\\u00e9"]}') == {"a": [1, 2.5, None, "é"]}
    assert yaml_value("a: &x [1, yes]\nb: *x\n") == {"a": [1, True], "b": [1, True]}
    assert yaml_value("") is None
    with pytest.raises(ValueError, match="not valid YAML"):
        yaml_value("a: [")
    with pytest.raises(ValueError, match="not valid YAML"):
        yaml_value("!!python/object/apply:os.getcwd []")


def test_only_regular_files_are_opened_and_nothing_waits(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("fifo", "zero", "."):
        with pytest.raises(TooLarge, match="no regular file"):
            open_regular(tmp_path / name)
    (tmp_path / "five").write_bytes(b"12345")
    assert read_regular(tmp_path / "five", at_most=5) == b"12345"
    with pytest.raises(TooLarge, match="over 4 bytes"):
        read_regular(tmp_path / "five", at_most=4)
