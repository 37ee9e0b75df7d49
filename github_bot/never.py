"""Paths that no patch of the bot may touch, whatever the configuration says: one list, by the kind of what they do.

They are what acts without being read as code: on a server, on the machine of whoever opens or tries the draft, or on
what is installed there. Source, tests, ``setup.py`` and ``pyproject.toml`` are none of them: a draft's reader reads
those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

NEVER: Mapping[str, tuple[str, ...]] = {
    "CI runs it": (
        *(".github/**", ".circleci/**", ".buildkite/**", ".woodpecker/**", ".forgejo/**", ".gitea/**", ".semaphore/**"),
        *(".drone/**", ".azure-pipelines/**", ".azuredevops/**", ".teamcity/**", ".tekton/**", ".builds/**"),
        *("**/.gitlab-ci*", "**/.travis.*", "**/.drone.*", "**/.cirrus.*", "**/.woodpecker.*", "**/*appveyor.y*ml"),
        *("**/*azure-pipelines*.y*ml", "**/bitbucket-pipelines.y*ml", "**/cloudbuild*", "**/buildspec*.y*ml"),
        *("**/codefresh.y*ml", "**/wercker.y*ml", "**/.build.y*ml", "**/Jenkinsfile*", "**/.readthedocs.y*ml"),
    ),
    "git or a hook of git's acts on it": (
        *("**/.git*/**", "**/.gitmodules", "**/.gitattributes", "**/CODEOWNERS", "**/.husky/**", "**/.huskyrc*"),
        *("githooks/**", "git-hooks/**", "**/.hooks/**", "**/*lefthook*.y*ml", "**/*lefthook*.toml", "**/.overcommit*"),
        *("**/.pre-commit-*.y*ml", "**/.lintstagedrc*", "**/lint-staged.config.*", "**/.commitlintrc*"),
    ),
    "an editor or a workspace acts on it when it opens the folder": (
        *("**/.vscode/**", "**/*.code-workspace", "**/.idea/**", "**/.run/**", "**/.fleet/**", "**/.zed/**"),
        *("**/.vs/**", "**/.sublime/**", "**/*.sublime-project", "**/.vimrc", "**/.exrc", "**/.nvimrc", "**/.nvim.lua"),
        *("**/.lvimrc", "**/.dir-locals*.el", "**/.devcontainer/**", "**/.devcontainer*.json", "**/.gitpod*"),
        *("**/.codesandbox/**", "**/.replit", "**/replit.nix", "**/.devfile*", "**/devfile.y*ml", "**/.jupyter/**"),
    ),
    "a shell or a language acts on it by itself": (
        *(
            "**/.envrc",
            "**/.autoenv*",
            "**/.mise*",
            "**/mise.toml",
            "**/mise.*.toml",
            "**/.rtx*",
            "**/.tool-versions",
            "**/.rvmrc",
        ),
        *("**/.python-version", "**/sitecustomize.py", "**/usercustomize.py", "**/*.pth", "**/.pdbrc*", "**/.gdbinit"),
        *(
            "**/.lldbinit",
            "**/.ipython/**",
            "**/.pythonrc*",
            "**/.Rprofile",
            "**/.irbrc",
            "**/.bazelrc",
            "**/.cargo/**",
        ),
        *("**/.mvn/**", "**/mvnw*", "**/gradlew*", "**/gradle/wrapper/**", "**/.yarn/**", "**/.yarnrc*", "**/.pnp.*"),
        *("**/.pnpmfile.*", "**/.profile", "**/.bashrc", "**/.zshrc", "**/.direnv/**", "**/*.nix"),
    ),
    "a maintainer runs it by its name": (
        *("**/Makefile*", "**/GNUmakefile*", "**/*.mk", "**/*justfile", "**/*.just", "**/Taskfile*.y*ml"),
        *("**/Rakefile*", "**/Vagrantfile*", "**/Procfile*", "**/SConstruct*", "**/Earthfile*", "**/Tiltfile*"),
        *("**/tox.ini", "**/noxfile.py", "**/fabfile.py", "**/dodo.py", "**/package.json", "**/Dockerfile*"),
        *(
            "**/*.dockerfile",
            "**/Containerfile*",
            "**/docker-compose*.y*ml",
            "**/compose.y*ml",
            "**/compose.*.y*ml",
            "**/docker-bake*",
        ),
    ),
    "an agent takes orders from it": (
        *("**/AGENTS*.md", "**/CLAUDE*.md", "**/GEMINI*.md", "**/.claude*/**", "**/.claude.json", "**/.codex/**"),
        *("**/.cursor/**", "**/.cursorrules", "**/.cursorignore", "**/.mcp.json", "**/mcp.json", "**/.gemini/**"),
        *("**/.aider*", "**/.windsurf*", "**/.windsurf/**", "**/.continue/**", "**/.clinerules*", "**/.clinerules/**"),
        *("**/.roo*", "**/.roo/**", "**/.openhands*", "**/.openhands/**", "**/.junie/**", "**/.amazonq/**"),
    ),
    "it says what other people's code is installed, or from where": (
        *("**/*.lock", "**/*.lock.json", "**/*.lock.toml", "**/*.lock.hcl", "**/*.lockfile", "**/*.lockb"),
        *("**/*.locked", "**/*-lock.json", "**/*-lock.y*ml", "**/pylock*.toml", "**/npm-shrinkwrap.json"),
        *("**/Package.resolved", "**/go*.sum", "**/vendor/modules.txt", "**/*requirements*.txt"),
        *("**/constraints*.txt", "**/pip.conf", "**/pip.ini", "**/uv.toml", "**/.condarc", "**/.bundle/**"),
    ),
    "it holds keys": (
        *("**/.env", "**/.env.*", "**/*.pem", "**/*.key", "**/.npmrc", "**/.pypirc", "**/.netrc", "**/.ssh/**"),
        *("**/.aws/**", "**/.kube/**", "**/.docker/**"),
    ),
}
"""Globs (see ``publish/paths.py``) by why no patch may touch what they match."""


def never_for(path: str) -> Iterator[tuple[str, str]]:
    """Yield each glob that a path is held against, with why no patch may touch what it matches."""
    # A module that is called as such a file is (dockerfile.py) is source all the same.
    named = (".py", "/**") if path.casefold().endswith(".py") else ("",)
    for why, globs in NEVER.items():
        yield from ((glob, why) for glob in globs if glob.endswith(named))
