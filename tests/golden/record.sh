#!/bin/bash
# Records the golden pictures anew, after a change that is meant to be seen. Look at them before you
# commit them.   Usage: SADDLE=build/release/saddle tests/golden/record.sh
set -eu
: "${SADDLE:?SADDLE names the program}"
CHROME=${CHROME:-$(dirname "$SADDLE")/tests/golden/draw_chrome}
folder=$(dirname "$0")
. "$folder/pictures.sh"

record() {
    "$SADDLE" shot "${@:2}" --quiet -o "$folder/$1.png"
}
record_chrome() {
    "$CHROME" "$2" "$folder/$1.png" "${@:3}"
}
[ -x "$CHROME" ] || { echo "$CHROME is missing: build it with -DSADDLE_TESTS=ON" >&2; exit 1; }
rm -f "$folder"/*.png
each_picture record
each_chrome record_chrome
du -ch "$folder"/*.png | tail -1
