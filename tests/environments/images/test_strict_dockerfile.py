"""A stranger's Dockerfile: what the engine would fetch by itself is refused however it is written."""

import pytest

from environments.images.strict_dockerfile import DockerfileError, base_images, strict_dockerfile

URL = "http://127.0.0.1:1/x"


def read(text):
    return strict_dockerfile(text.encode(), "Dockerfile")


@pytest.mark.parametrize(
    "line",
    [
        f"ADD {URL} /x",
        f"ADD \\\n# a comment\n{URL} /x",
        "ADD http:\\//127.0.0.1:1/x /x",
        'ADD "http:"//127.0.0.1:1/x /x',
        'ADD ["http:\\u002f\\u002f127.0.0.1:1/x", "/x"]',
        f"ADD\x0c{URL} /x",
        f"ADD\\\n {URL} /x",
        f"\u2028ADD {URL} /x",
        "ADD $WHERE /x",
        "ADD git@github.com:a/b.git /x",
        "COPY --from=registry.example/other /a /b",
        "COPY --from=$OTHER /a /b",
        "RUN --mount=type=bind,from=registry.example/other true",
        "RUN --network=host true",
        f"RUN <<EOF\nADD {URL} /x\nEOF",
        f"ONBUILD ADD {URL} /x",
        "FROM --platform=linux/riscv64 b",
        "INCLUDE other",
        "# escape=`",
    ],
)
def test_what_the_engine_would_fetch_is_refused_however_it_is_written(line):
    for text in (f"FROM a\n{line}\n", f"{line}\nFROM a\n"):
        with pytest.raises(DockerfileError, match=r"\ADockerfile: [ -~]*refused[ -~]*\Z"):
            read(text)


def test_an_instruction_that_goes_on_stays_one():
    assert read(f"FROM a\nLABEL a=b\\\\\nADD {URL} /x\n") == f"FROM a\nLABEL a=b\\ADD {URL} /x\n"


def test_an_ordinary_dockerfile_is_built_as_it_says():
    text = (
        "# syntax is as usual\nARG PYTHON=3.11\nFROM python:${PYTHON}-slim AS build\nWORKDIR /app\n"
        "COPY --chown=1000:1000 requirements.txt setup.* ./\nRUN apt-get update && \\\n    # tools\n"
        "    apt-get install -y git\nADD data.tar.gz /data\nFROM scratch\ncopy --from=build /app /app\n"
        'ENV A=b\nENTRYPOINT ["python", "-m", "shop"]\n'
    )
    assert read(text).splitlines() == [
        "ARG PYTHON=3.11",
        "FROM python:${PYTHON}-slim AS build",
        "WORKDIR /app",
        "COPY --chown=1000:1000 requirements.txt setup.* ./",
        "RUN apt-get update && apt-get install -y git",
        "ADD data.tar.gz /data",
        "FROM scratch",
        "COPY --from=build /app /app",
        "ENV A=b",
        'ENTRYPOINT ["python", "-m", "shop"]',
    ]
    assert base_images(read(text)) == ["python:3.11-slim"]


def test_a_base_that_nobody_can_tell_is_refused():
    with pytest.raises(DockerfileError, match="give each of its arguments a default"):
        base_images(read("ARG BASE\nFROM ${BASE}\n"))
