#!/bin/bash
# Make the tree in the current folder one commit: its files, and what the commands change among them.
#
#   set_up.sh FOLDER
#
# FOLDER holds, made by environments/images/build_recipe.py:
#   config attributes   of the repository     identity   NAME=value, whose the commit is      message   of the commit
#   commands            bash, run in the tree before the commit                               variables NAME=value for them
#   tag                 of the commit, may be empty: tools that ask git for a version find it there
#   owner               uid of the user whose the tree is
# The last line of the output is the commit's id.
set -euo pipefail

folder=$1
tag=$(cat "$folder/tag")
owner=$(cat "$folder/owner")

# Files of any size go straight into a pack, hardly compressed: packing them afterwards takes longer than all the rest.
git() {
    command git -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false \
        -c core.bigFileThreshold=1 -c core.compression=1 "$@"
}

commit() {
    local id
    id=$(
        set -a && . "$folder/identity"
        git commit-tree "$(git write-tree)" -m "$(cat "$folder/message")"
    )
    git update-ref refs/heads/main "$id"
    if [ -n "$tag" ]; then git update-ref "refs/tags/$tag" "$id"; fi
}

# A repository with nothing in it but objects, or what there is of one made such.
empty() {
    rm -rf .git/hooks .git/info .git/logs .git/refs .git/packed-refs
    mkdir -p .git/objects .git/refs/heads .git/info
    echo 'ref: refs/heads/main' > .git/HEAD
    cp "$folder/config" .git/config
    cp "$folder/attributes" .git/info/attributes
}

empty
# What is there belongs to the repository, ignored or not. A first commit, for commands that ask git for a version.
git add --all --force .
commit
first=$(git rev-parse HEAD)

(
    set -a && . "$folder/variables" && set +a
    PYTHONDONTWRITEBYTECODE=1 bash -euxo pipefail "$folder/commands"
) 1>&2

# A copy of the package, in which a search would find the unchanged code.
git ls-files --error-unmatch build > /dev/null 2>&1 || rm -rf build

# What the commands made belongs to it too, but for what is ignored; what they did to the repository itself does not.
empty
git add --all .
commit

# Leave nothing of the first commit.
if ! git diff-tree -r --quiet --diff-filter=DMT "$first" HEAD; then git -c pack.window=0 repack -a -d -q; fi
git prune --expire=now
find . ! -user "$owner" -exec chown --no-dereference "$owner:$owner" {} +
git rev-parse HEAD
