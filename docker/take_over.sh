#!/bin/bash
# Make /testbed of the folder that an image works in, where it holds the repository: what was built there stays, and a
# link is left for what names the old place (an editable install).
#
#   take_over.sh FOLDER
#
# FOLDER holds: work     the folder that the image works in
#               names    what the repository has at its top, a name a line
set -euo pipefail

work=$(cat "$1/work")
case $work in
    '' | / | /testbed | /testbed/* | /bin | /dev | /etc | /home | /lib | /opt | /proc | /root | /run | /sbin | /srv | /sys | /tmp | /usr | /var)
        work=''
        ;;
esac

if [ -d /testbed ]; then rmdir --ignore-fail-on-non-empty /testbed; fi
if [ -n "$work" ] && [ -d "$work" ] && [ ! -e /testbed ]; then
    there=0 all=0
    while IFS= read -r name; do
        all=$((all + 1))
        if [ -e "$work/$name" ]; then there=$((there + 1)); fi
    done < "$1/names"
    # Most of it: a .dockerignore leaves some out.
    if [ $((2 * there)) -gt "$all" ]; then
        mv -- "$work" /testbed
        ln -s /testbed "$work"
        rm -rf /testbed/.git
    fi
fi
mkdir -p /testbed
