#!/bin/bash
# Draws every golden picture again and compares. What differs is left in $OUT, with its difference.
set -u
: "${SADDLE:?SADDLE names the program}" "${CHROME:?CHROME names what draws bars and panels}"
: "${COMPARE:?COMPARE names the comparer}" "${OUT:?a folder}"
folder=$(dirname "$0")
. "$folder/pictures.sh"
passed=0
failed=0
mkdir -p "$OUT"
rm -f "$OUT"/*.png

names=" "
# check NAME COMMAND…: what the command has drawn into $OUT against the recorded one.
check() {
    names="$names$1 "
    if "${@:2}" && "$COMPARE" "$folder/$1.png" "$OUT/$1.png" "$OUT/$1-difference.png"; then
        passed=$((passed + 1))
        rm -f "$OUT/$1.png"
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
    fi
}
check_shot() {
    check "$1" "$SADDLE" shot "${@:2}" --quiet -o "$OUT/$1.png"
}
check_chrome() {
    check "$1" "$CHROME" "$2" "$OUT/$1.png" "${@:3}"
}
each_picture check_shot
each_chrome check_chrome
for picture in "$folder"/*.png; do
    name=$(basename "$picture" .png)
    if [[ $names != *" $name "* ]]; then
        echo "FAILED: $name: nothing draws it any more"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
