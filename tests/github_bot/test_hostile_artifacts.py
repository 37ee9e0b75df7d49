"""Artifacts that an attacker made: each is refused before anything is posted."""

import time
from base64 import b64encode

import pytest
from publishable import REPO, artifact

from agent.patch import make_patch
from github_bot.config import BotConfig
from github_bot.errors import ArtifactError
from github_bot.publish import Target, known_secrets
from github_bot.publish.checks import check_artifact
from github_bot.publish.paths import matches
from github_bot.publish.secrets import known_in
from github_bot.publish.texts import text_problem, title_problem

TOKEN = "super-secret-value-0815"
SITE = "https://github.com/octo/shop/"


def new_file(path, content="x = 1\n", mode="100644"):
    text = make_patch({}, {path: content.encode()})
    return text.replace("new file mode 100644", f"new file mode {mode}").encode()


def held(made, config=None):
    check_artifact(made, Target(REPO, 1, "run-1"), config or BotConfig(), known_secrets({"GITHUB_TOKEN": TOKEN}), SITE)


def test_an_honest_one_passes():
    held(artifact())


NEW = b"diff --git a/x b/x\nnew file mode %s\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+%s\n"
LINK = NEW % (b"120000", b"/etc/passwd") + b"\\ No newline at end of file\n"
SUBMODULE = NEW % (b"160000", b"Subproject commit " + b"a" * 40)
MODE = b"diff --git a/x.py b/x.py\nold mode 100644\nnew mode 100755\n"
BINARY = (
    b"diff --git a/x.bin b/x.bin\nnew file mode 100644\n"
    b"GIT binary patch\nliteral 3\nKcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n"
)


@pytest.mark.parametrize(
    "patch, told",
    [
        (new_file(".github/workflows/ci.yml"), "never changes .github/"),
        (new_file(".GitHub/Workflows/ci.yml"), "never changes .github/"),
        (new_file("sub/poetry.lock"), r"never changes \*\*/\*.lock"),
        (new_file("package-lock.json"), "never changes"),
        (new_file(".gitmodules"), r"never changes \*\*/.gitmodules"),
        (new_file("conf/.env"), "never changes"),
        (new_file("deploy/prod.pem"), "never changes"),
        (new_file("vendored/x.py"), "never changes vendored/"),
        (b"--- /dev/null\n+++ b/../out.py\n@@ -0,0 +1 @@\n+x\n", "must not contain"),
        (b"--- /dev/null\n+++ b/.git/hooks/pre-commit\n@@ -0,0 +1 @@\n+x\n", "must not lead into .git"),
        (b"--- /dev/null\n+++ b/a\xe2\x80\xaeyp.py\n@@ -0,0 +1 @@\n+x\n", "nobody can read"),
        (b'--- /dev/null\n+++ "b/a/\\377.py"\n@@ -0,0 +1 @@\n+x\n', "nobody can read"),
        (LINK, "links and submodules"),
        (SUBMODULE, "links and submodules"),
        (MODE, "mode is never changed"),
        (BINARY, "binary data"),
        (new_file("x.py", "if a:\u202e pass\n"), "letters that nobody can see"),
        (new_file("x.py", "t = 'ghp_" + "a1" * 18 + "'\n"), "holds a token of GitHub"),
        (new_file("x.py", "k = 'sk-ant-api03-" + "a1" * 18 + "'\n"), "holds a key of a model's vendor"),
        (new_file("x.py", f"k = '{TOKEN}'\n"), "a secret of this process"),
        (new_file("x.py", f"k = '{TOKEN[::-1]}'\n"), "a secret of this process"),
        (new_file("x.py", f"k = '{TOKEN.encode().hex()}'\n"), "a secret of this process"),
        (new_file("x.py", f"k = '{b64encode(b'token=' + TOKEN.encode()).decode()}'\n"), "a secret of this process"),
        (new_file(f"{TOKEN}.py"), "a secret of this process"),
        (b"".join(new_file(f"x{n}.py") for n in range(11)), "more than the 10 of max_files"),
        (b"not a patch", "cannot be read"),
    ],
)
def test_a_patch_that_may_not_be_posted(patch, told):
    with pytest.raises(ArtifactError, match=told):
        held(artifact(patch=patch, test_patch=b""), BotConfig(never=("vendored/**",)))


LOCKS = (
    "pylock.toml npm-shrinkwrap.json conda-lock.yml packages.lock.json gradle.lockfile .terraform.lock.hcl bun.lockb "
    "Package.resolved gems.locked go.work.sum pnpm-lock.yml sub/go.sum Cargo.lock pdm.lock.toml"
)
CI = (
    ".travis.yml .drone.yml appveyor.yml .appveyor.yml bitbucket-pipelines.yml .woodpecker/x.yml .woodpecker.yml "
    ".forgejo/workflows/x.yml .cirrus.yml azure-pipelines.yaml sub/.gitmodules sub/.gitattributes ci/Jenkinsfile"
)


ACTS_ON_A_MACHINE = (
    ".husky/pre-commit sub/.husky/x .githooks/pre-push githooks/pre-push lefthook.yml .pre-commit-config.yaml "
    ".vscode/tasks.json sub/.vscode/settings.json x.code-workspace .idea/runConfigurations/a.xml .devcontainer.json "
    ".devcontainer/devcontainer.json .gitpod.yml .vimrc .exrc .envrc .mise.toml .tool-versions sitecustomize.py x.pth "
    "Makefile docs/Makefile GNUmakefile rules.mk justfile tox.ini noxfile.py package.json Dockerfile "
    "docker-compose.yml AGENTS.md CLAUDE.md .claude/settings.json .cursor/rules/a.mdc .mcp.json dev-requirements.txt "
    "pip.conf .ssh/config"
)


@pytest.mark.parametrize("path", f"{LOCKS} {CI} {ACTS_ON_A_MACHINE}".split())
def test_lock_files_and_what_acts_without_being_read_as_code(path):
    with pytest.raises(ArtifactError, match=r"the bot never changes .* \("):
        held(artifact(patch=new_file(path), test_patch=b""))


@pytest.mark.parametrize(
    "path", ["setup.py", "pyproject.toml", "conftest.py", "src/dockerfile.py", "a/makefile.py", "docs/x.md"]
)
def test_source_and_what_is_read_as_such_passes(path):
    held(artifact(patch=new_file(path), test_patch=b""))


@pytest.mark.parametrize("letter", "\u206a\u2028\x85\u061c\u3164\xad\U000e0061")
def test_letters_that_nobody_sees(letter):
    with pytest.raises(ArtifactError, match=r"nobody can read|cannot be read"):
        held(artifact(patch=new_file(f"a{letter}b.py"), test_patch=b""))


@pytest.mark.parametrize("content", ["a\tb\f\n", "a = 'ü 漢 ⚠️ \u00a0'\r\n"])
def test_honest_letters_pass(content):
    held(artifact(patch=new_file("x.py", content), test_patch=b""))


def test_the_tests_patch_changes_tests_alone():
    with pytest.raises(ArtifactError, match="changes what is no test"):
        held(artifact(test_patch=new_file("shop/evil.py")))


@pytest.mark.parametrize(
    "text, told",
    [
        (f"see {TOKEN}", "a secret of this process"),
        (f"see {' '.join(TOKEN)}", "a secret of this process"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "web token"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
        ("![x](https://evil.example/?q=1)", "shows an image"),
        ("<img src=https://evil.example>", "holds HTML"),
        ("<details onclick=x>", "holds HTML"),
        ("[your account](https://evil.example)", "leads to another place"),
        ("[x]: https://evil.example\n\n[x]", "leads to another place"),
        ("ask @octocat", "calls somebody"),
        ("ask &#64;octocat", "calls somebody"),
        ("ask **@octocat**", "calls somebody"),
        ("Fixes #2", "closes another issue"),
        ("closes\n#2", "closes another issue"),
        ("resolves other/repo#1", "closes another issue"),
        ("Fixes https://github.com/octo/shop/issues/3", "closes another issue"),
        ("Fixes ~~#5~~", "closes another issue"),
        ("~Fixes~ #5", "closes another issue"),
        ("fixes:#5", "closes another issue"),
        ("Fixes GH-5", "closes another issue"),
        ("like octo/other#5", "tells another repository"),
        ("like octo/other@deadbeef", "tells another repository"),
        *((f"see {text}", "calls somebody") for text in (".@mia", "-@mia", "/@mia", "@@mia", "\u00e9@mia")),
        ("<details>\n&commat;mia\n</details>", "calls somebody"),
        *(
            (f"see {text}", "leads to another place")
            for text in ("https://evil.example", "(www.evil.example)", "1HTTP://evil.example", "mailto:a@b.example")
        ),
        (f"{SITE}../../evil/repo", "leads to another place"),
        (f"[x]({SITE}%2e%2e/../evil/repo)", "leads to another place"),
        ("See [^1].\n\n[^1]: #x\n    ![](https://evil.example/x.png) @mia Fixes #5", "hides a footnote"),
        ("[a]:\n[^1]:\n\n    @mia", "hides a footnote"),
        ("See [^1].\n\n- [^1]: a b\n\n          @mia", "holds a footnote"),
        ("a\n[^`1`]: a b\n\n        @mia", "holds a footnote"),
        ("> " * 25 + "@mia", "nested too deep"),
        ('```mermaid\ngraph TD; click A "https://evil.example"\n```', "holds a drawing"),
    ],
)
@pytest.mark.parametrize("field", ["body", "comment"])
def test_a_text_that_may_not_be_posted(field, text, told):
    with pytest.raises(ArtifactError, match=told):
        held(artifact(**{field: f"It was wrong.\n\n{text}\n"}))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "part", ["a", "a/", "a.", "[", "[^", "~", "fix ", "fix:", "www", " ", "\n ", "<p>\n", "[no ", "-"]
)
def test_a_long_text_is_soon_read(part):
    text = part * (60_000 // len(part))
    assert text_problem(text, issue=1, links=(SITE,)) in ("", "it is nested too deep")
    assert title_problem(text, issue=1) in ("", "it holds letters that nobody can see")


@pytest.mark.parametrize(
    "title, told",
    [
        ("    Fixes #5", "closes another issue"),
        ("`Fixes #5`", "closes another issue"),
        ("<!-- runoff @mia -->", "calls somebody"),
        ("Fix www.evil.example", "leads to another place"),
        ("Fix \x1b[31m", "nobody can see"),
        ("Fix \u202elive", "nobody can see"),
        ("Fix\u2028Co-authored-by: x", "nobody can see"),
        ("Fix [skip ci]", "switches checks off"),
    ],
)
def test_a_title_that_may_not_be_posted(title, told):
    with pytest.raises(ArtifactError, match=told):
        held(artifact(title=title))


@pytest.mark.parametrize(
    "text",
    [
        "`@pytest.fixture` and\n\n```python\n@cache\ndef fixes(): ...  # <b onclick> fixes #3\n```",
        "<details><summary>The patch</summary>\n\n| a | b |\n|---|---|\n| 1 | me@example.org |\n\n</details>",
        f"[the code]({SITE}blob/main/a.py), fixes #1, and #2 is like it",
        f"{SITE}compare/a...b, `www.example.org`, `[^1]: x`, a ~ b, a/b, GH-5, me@example.org",
    ],
)
def test_what_only_says_something_passes(text):
    held(artifact(body=text, comment=text))


@pytest.mark.parametrize("changes", [{"repository": "octo/other"}, {"issue": 2, "branch": "runoff/issue-2"}])
def test_an_artifact_for_another_place(changes):
    with pytest.raises(ArtifactError, match=r"it is for .*, not octo/shop#1"):
        held(artifact(**changes))


def test_an_artifact_of_another_run():
    with pytest.raises(ArtifactError, match="it is of the run label-1-8, not run-1"):
        held(artifact(run_id="label-1-8"))


def test_a_line_of_a_key_is_a_secret():
    key = "-----BEGIN X-----\n" + "MIIEuwIBADANBgkqhkiG9w0BAQEFAASCBKUwggSh\n" + "-----END X-----\n"
    assert known_in("see MIIEuwIBADANBgkqhkiG9w0BAQEFAASCBKUwggSh", known_secrets({}, [key]))
    assert not known_in("see -----END X-----", known_secrets({}, [key]))


def test_globs():
    assert matches("a/b/x.lock", "**/*.lock")
    assert matches("x.lock", "**/*.lock")
    assert not matches("x.lock/y", "**/*.lock")
    assert matches(".github/a/b", ".github/**")
    assert not matches("docs/Jenkinsfile", "Jenkinsfile")
    assert matches("docs/a/b.md", "docs/**/b.*")
    assert not matches("docs", "docs/**")
    assert matches("a/b", "**")


@pytest.mark.parametrize("glob", ["**/" * 8 + "x", "*a" * 12 + "b"])
def test_many_stars_take_no_time(glob):
    begun = time.perf_counter()
    assert not matches("a/" * 60 + "b", glob)
    assert not matches("a" * 200, glob)
    assert time.perf_counter() - begun < 1
