#!/bin/bash
# Records the golden pictures anew, after a change that is meant to be seen. Look at them before you
# commit them.   Usage: SADDLE=build/release/saddle tests/golden/record.sh
set -eu
: "${SADDLE:?SADDLE names the program}"
folder=$(dirname "$0")
. "$folder/pictures.sh"

record() {
    "$SADDLE" shot "${@:2}" --quiet -o "$folder/$1.png"
}
rm -f "$folder"/*.png
each_picture record
du -ch "$folder"/*.png | tail -1
