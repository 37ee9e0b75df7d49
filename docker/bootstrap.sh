#!/bin/bash
# Make an image without a registry, from Debian's packages or from a CPython on this machine.
#
#   bootstrap.sh [--suite bookworm] [--mirror URL] [--packages a,b] IMAGE
#       Debian's smallest system, by debootstrap, with those packages. Needs root. For BASE_IMAGE of base.Dockerfile.
#
#   bootstrap.sh --python 3.9 [--from FOLDER] IMAGE
#       CPython 3.9 in /usr/local and nothing else, from FOLDER (a prefix with bin/python3.9), else from the newest 3.9 that
#       pyenv has. For PYTHON_IMAGE of python.Dockerfile. It must have been built on the Debian that it will run on, or an
#       older one: its modules want that one's OpenSSL, libffi and C library.
#
# DOCKER names another client than docker, such as podman.
set -euo pipefail

suite=bookworm
mirror=http://deb.debian.org/debian
packages=''
python=''
from=''
image=''

fail() {
    echo "bootstrap.sh: $1" >&2
    exit "${2:-2}"
}

needs() {
    command -v "$1" > /dev/null || fail "needs the program $1${2:+: $2}" 3
}

debian() {
    needs debootstrap 'apt-get install debootstrap'
    [ "$(id -u)" = 0 ] || fail 'debootstrap needs root: use sudo, or name a BASE_IMAGE of a registry' 3
    debootstrap --variant=minbase --include="ca-certificates${packages:+,$packages}" "$suite" "$stage" "$mirror" >&2
    tar -C "$stage" --numeric-owner --exclude='./dev/*' --exclude='./var/cache/apt/*.bin' \
        --exclude='./var/cache/apt/archives/*.deb' --exclude='./var/lib/apt/lists/*' -c . |
        "$client" import - "$image" > /dev/null
}

cpython() {
    local prefix=$stage/usr/local versions=${PYENV_ROOT:-$HOME/.pyenv}/versions
    if [ -z "$from" ]; then
        from=$({ find "$versions" -mindepth 1 -maxdepth 1 -name "$python.*" 2> /dev/null || true; } | sort -V | tail -n 1)
        [ -n "$from" ] || fail "no CPython $python in $versions: pyenv install $python, or name one by --from" 3
    fi
    [ -x "$from/bin/python$python" ] || fail "there is no $from/bin/python$python"
    mkdir -p "$prefix"
    tar -C "$from" --exclude='./share' --exclude='./lib/python*/site-packages/*' --exclude='./lib/python*/test' \
        --exclude='./lib/python*/tests' --exclude='./lib/python*/idlelib' --exclude='*.a' --exclude='*.opt-[12].pyc' \
        -c . | tar -C "$prefix" -x
    find "$prefix/bin" -mindepth 1 ! -name 'python*' -delete # scripts of packages, that name the old place
    # What builds extensions would look there too.
    { grep -rlIF --include='*.py' --include='*.pc' --include='Makefile' --include='python*-config' -- "$from" "$prefix" ||
        true; } | xargs -r -d '\n' sed -i "s|$from|/usr/local|g"
    find "$prefix" -name '_sysconfigdata*.pyc' -delete
    tar -C "$stage" --owner=0 --group=0 --numeric-owner -c usr | "$client" import - "$image" > /dev/null
}

while [ $# -gt 0 ]; do
    case $1 in
        --suite | --mirror | --packages | --python | --from)
            [ $# -gt 1 ] || fail "$1 needs a value"
            printf -v "${1#--}" %s "$2"
            shift 2
            ;;
        -h | --help)
            sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
            exit 0
            ;;
        -*) fail "there is no option $1: see --help" ;;
        *)
            [ -z "$image" ] || fail "one image at a time, not $image and $1"
            image=$1
            shift
            ;;
    esac
done
[ -n "$image" ] || fail 'name the image to make: see --help'
[[ $python =~ ^(3\.[0-9]+)?$ ]] || fail "--python takes a minor version such as 3.9, not $python"

client=${DOCKER:-docker}
needs "$client"
stage=$(mktemp -d)
trap 'rm -rf --one-file-system "$stage"' EXIT
if [ -n "$python" ]; then cpython; else debian; fi
echo "$image"
