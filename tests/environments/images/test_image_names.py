import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.images.names import FIELDS, TEMPLATES, ImageNameError, architecture, published_image, qualified

ID = "astropy__astropy-12907"
REFERENCE = re.compile(r"[A-Za-z0-9.:-]+(/[a-z0-9._-]+)+:[A-Za-z0-9_.-]+")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (None, "docker.io/swebench/sweb.eval.x86_64.astropy_1776_astropy-12907:latest"),
        ("swebench", "docker.io/swebench/sweb.eval.x86_64.astropy_1776_astropy-12907:latest"),
        ("epoch", "ghcr.io/epoch-research/swe-bench.eval.x86_64.astropy__astropy-12907:latest"),
        ("swegym", "docker.io/xingyaoww/sweb.eval.x86_64.astropy_s_astropy-12907:latest"),
        ("swebench-local", "docker.io/library/sweb.eval.x86_64.astropy__astropy-12907:latest"),
        ("registry.example:5000/a/{id_docker}", "registry.example:5000/a/astropy_1776_astropy-12907:latest"),
        ("me/all:{id_lower}", "docker.io/me/all:astropy__astropy-12907"),
        ("localhost/{arch}/{id}:v2", "localhost/x86_64/astropy__astropy-12907:v2"),
    ],
)
def test_an_image_by_its_template(template, expected):
    assert published_image(ID, template=template) == expected


def test_capitals_become_small_where_the_publisher_did_that():
    assert "project-monai_s_monai-3715" in published_image("Project-MONAI__MONAI-3715", template="swegym")
    with pytest.raises(ImageNameError, match="id_lower"):
        published_image("Project-MONAI__MONAI-3715", template="x/{id}")


def test_arm64_and_machines():
    assert ".arm64." in published_image(ID, arch="arm64")
    assert [architecture(name) for name in ("AMD64", "x86_64", "aarch64")] == ["x86_64", "x86_64", "arm64"]
    with pytest.raises(ImageNameError, match="riscv64"):
        architecture("riscv64")


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("swebench/sweb.eval.x86_64.a_1776_a-1:v3", "docker.io/swebench/sweb.eval.x86_64.a_1776_a-1:v3"),
        ("docker.io/swerebench/sweb.eval.x86_64.a-1", "docker.io/swerebench/sweb.eval.x86_64.a-1:latest"),
        ("ghcr.io/o/n.x:1.2", "ghcr.io/o/n.x:1.2"),
        ("sweb.eval.x86_64.a__a-1:latest", "docker.io/library/sweb.eval.x86_64.a__a-1:latest"),
        ("namanjain12/aiohttp_final:006fbe03fede4eaa1eeba7b8393cbf4d63cb44b6", None),
    ],
)
def test_an_image_that_the_row_names(named, expected):
    assert published_image(ID, named=named) == (expected or f"docker.io/{named}")
    assert published_image(ID, named=named, template="epoch").startswith("ghcr.io/epoch-research/")


@pytest.mark.parametrize("mirror", ["mirror.example", "mirror.example:5000/hub", "localhost:5000/", "10.0.0.1/a/b"])
def test_a_mirror_stands_for_every_registry(mirror):
    for template, path in (("swebench", "swebench/sweb.eval"), ("epoch", "epoch-research/swe-bench.eval")):
        assert published_image(ID, template=template, mirror=mirror).startswith(f"{mirror.removesuffix('/')}/{path}")


@pytest.mark.parametrize(
    "template", ["x/{idd}", "x/{id.__class__}", "x/{id!r}", "x/{id:>9}", "x/{}", "x/{0}", "x/{id}{nothing}"]
)
def test_an_unknown_field_is_named_beside_the_known_ones(template):
    with pytest.raises(ImageNameError, match=r"unknown field") as error:
        published_image(ID, template=template)
    assert "\n" not in str(error.value)
    assert "{id" in str(error.value)


@pytest.mark.parametrize("template", ["swebensh", "x/y:latest", "x/{arch}", "x/{id", "x/}{id}", ""])
def test_a_template_that_names_no_instance_is_refused(template):
    with pytest.raises(ImageNameError) as error:
        published_image(ID, template=template)
    assert "\n" not in str(error.value)


NO_NAMES = ["", " ", "a b", "-x", "--privileged", "a;b", "a$(b)", "a`b`", "a\nb", "a|b", "a'b", 'a"b', "é/a"]
NO_NAMES += ["a/../b", "../a", "/a", "a//b", "a/", "a:", ":a", "a:b:c", "a/b:-x", "-h.x/a", "h.x:port/a", "http://a/b"]
NO_NAMES += ["a" * 300, "a@sha256:" + "0" * 64, "u@host/a"]
NO_IDS = ["", " ", "a b", "-x", ".x", "a;b", "a$(b)", "a/b", "a:b", "a@b", "a\nb", "é", "a" * 300, "a__", "a..b"]
NO_MIRRORS = [" ", "a b", "-x", "a;b", "http://a", "u@h", "a//b", "a:port", "a/../b", "a/B", "é", "a\nb", "/a"]


@pytest.mark.parametrize(
    "arguments",
    [
        *({"instance_id": ID, "named": text} for text in NO_NAMES),
        *({"instance_id": text} for text in NO_IDS),
        *({"instance_id": ID, "mirror": text} for text in NO_MIRRORS),
    ],
)
def test_hostile_text_is_refused_in_one_line(arguments):
    with pytest.raises(ImageNameError) as error:
        published_image(**arguments)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


@given(st.text(max_size=60) | st.from_regex(r"[a-z0-9./:@_-]{1,40}", fullmatch=True))
def test_whatever_comes_out_is_a_whole_reference(text):
    for attempt in (qualified, published_image, lambda text: published_image(ID, template=text)):
        outcome = reference_or_line(attempt, text)
        if isinstance(outcome, ImageNameError):
            assert "\n" not in str(outcome)
        else:
            assert REFERENCE.fullmatch(outcome)
            assert qualified(outcome) == outcome


def test_a_digest_is_refused_by_name():
    with pytest.raises(ImageNameError, match="digest"):
        qualified("a/b@sha256:" + "0" * 64)


def reference_or_line(attempt, text):
    try:
        return attempt(text)
    except ImageNameError as error:
        return error


def test_every_template_and_field_is_usable():
    for name in TEMPLATES:
        assert REFERENCE.fullmatch(published_image(ID, template=name))
    for field in FIELDS:
        assert published_image(ID, template=f"x/{{id}}.{{{field}}}")
