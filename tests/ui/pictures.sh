# Pictures of the window, copies for the clipboard, figures and numbers of a view; and what becomes of
# them where the disk is full, a program is missing or hangs, or the window is closed at once. bash.
. "$(dirname "$0")/capturing.sh"

begin "${forever[@]}"
titled '.* running' && key space
comes "paused" titled '.* paused'
key 3
comes "the landscape large" gone view.0.enlarge
point $(at views)
whole=$(views) # at rest, and the pointer aside
point $(at views)
xdotool key shift+F12
comes "a view alone" test -e pictures/saddle-xor-shallow-1.png
same "as large as it is" "$("$pixels" pictures/saddle-xor-shallow-1.png | cut -d' ' -f1)" \
    "$(place views | awk '{ print $3 "x" $4 }')"
rm -f pictures/*
point 3 3
xdotool key shift+F12
comes "no view" said 'no view lies under the pointer'
same "no picture" "$(files)" ""
if command -v xclip > /dev/null; then
    point $(at views)
    xdotool key shift+F12
    until_true test -e pictures/saddle-xor-shallow-1.png
    xdotool key ctrl+c
    comes "a copy" said 'the picture is copied'
    timeout 20 xclip -selection clipboard -t image/png -o > copied.png
    same "is that picture" "$("$pixels" copied.png)" "$("$pixels" pictures/saddle-xor-shallow-1.png)"
    point 3 3
    xdotool key ctrl+c
    copied_window() {
        timeout 20 xclip -selection clipboard -t image/png -o > copied.png
        [ "$("$pixels" copied.png | cut -d' ' -f1)" = 1440x900 ]
    }
    comes "a copy of the window" copied_window
fi
key Escape
comes "all views" there view.0.enlarge
rm -f pictures/*

# ---- figures and numbers

unfold
click landscape.section
click export.view 1 # the predictions
begins() { # FILE TEXT
    [ "$(head -c ${#2} "$1" 2> /dev/null | tr -d '\0')" = "$2" ]
}
for export in "0 png $(printf '\211PNG')" "1 svg <?xml" "2 pdf %PDF-1." "3 csv part,"; do
    set -- $export
    click export.kind "$1"
    click export.save
    comes "a figure or numbers: $2" begins "pictures/saddle-xor-shallow-1.$2" "$3"
done
comes "it is said" said 'saved saddle-xor-shallow-1.csv in '
same "those and no other" "$(files)" \
    "saddle-xor-shallow-1.csv saddle-xor-shallow-1.pdf saddle-xor-shallow-1.png saddle-xor-shallow-1.svg "
click export.save
comes "another name" begins pictures/saddle-xor-shallow-2.csv part,
same "the same numbers" "$(cksum < pictures/saddle-xor-shallow-2.csv)" \
    "$(cksum < pictures/saddle-xor-shallow-1.csv)"

# A click on the news opens the folder, however wide the window is.
for size in '1100 800' '900 600'; do
    before=$(place views)
    resized() {
        [ "$(place views)" != "$before" ]
    }
    xdotool windowsize "$window" $size
    comes "$size" resized
    rm -f opened
    point 3 3
    xdotool key shift+F12
    comes "other news" gone notice
    key F12
    click notice
    comes "$size: a click opens its folder" test -s opened
    same "that folder" "$(cat opened)" "$folder/pictures"
done

# Asked for at once, and the window is closed: none is lost.
rm -f pictures/*
xdotool key F12 F12 F12 F12 F12 F12 ctrl+q
ended 0
same "pictures at once" "$(files | wc -w)" 6
same "whole ones" "$(for file in pictures/*; do "$pixels" "$file"; done | cut -d' ' -f1 | sort -u)" \
    900x600

# ---- faults

# Programs that are missing.
rm bin/xdg-open
OTHERS=/nowhere begin "${forever[@]}"
key F12
click notice
comes "no xdg-open" said 'apt install xdg-utils'
key ctrl+c
comes "no xclip" said 'apt install xclip'
goes_on "without programs"
key ctrl+q
ended 0

# One that hangs is not waited for.
pretend xclip 'exec sleep 1000'
begin "${forever[@]}"
key ctrl+c
goes_on "xclip hangs"
comes "it is told" said 'xclip: gave no answer'
key ctrl+c
key ctrl+q
ended 0
rm bin/xclip

small_disk
start "${forever[@]}" || exit
key F12
comes "a full disk" said 'saddle-xor-shallow.png: cannot write: (No space|File too)'
same "nothing is left of it" "$(files)" ""
goes_on "a full disk"
: > notices
key F12 ctrl+q # in the window, or where it is gone before, as a line
wait "$program"
same "exit code" $? 0
cat err notices | grep -Eq 'xor-shallow.png: cannot write: (No space|File too)' && pass ||
    fail "the last picture: $(cat err notices)"
large_disk

# A disk that hangs: where pictures belong is to be read from a pipe that nobody fills.
mkfifo config/user-dirs.dirs
XDG_PICTURES_DIR= begin "${forever[@]}"
unfold
click landscape.section
for kind in 3 0; do
    click export.kind $kind
    click export.save
done
comes "a figure waits behind the numbers" said 'saving the figure'
key F12
goes_on "a disk hangs"
key ctrl+q
ended 0 "saddle: pictures: 1 given up: not saved within 8 s
saddle: figures and tables: 2 given up: not saved within 1 s"
rm config/user-dirs.dirs
unset kind

# A folder that cannot be.
echo > no-folder
XDG_PICTURES_DIR=$folder/no-folder/pictures start "${forever[@]}" || exit
key F12
comes "no folder" said 'no-folder.*: cannot create: '
goes_on "no folder"
key ctrl+q
ended 0
