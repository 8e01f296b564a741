# What the window saves of itself: pictures, copies, films of all kinds; and what becomes of it where
# the disk is full, a program is missing or ends, or the window is closed meanwhile: a clear line,
# nothing half-made, and the program goes on. bash.
. "$(dirname "$0")/lib.sh"
trap 'umount "$folder/pictures" 2> /dev/null; finish' EXIT

# The program finds what lies in bin first.
mkdir bin
real=$saddle
others=$PATH
cat > run << END
#!/bin/sh
PATH=$folder/bin:\$OTHERS
export PATH
exec "$real" "\$@"
END
chmod +x run
saddle=$folder/run
export OTHERS=$others

# pretend NAME SCRIPT: a program of that name.
pretend() {
    printf '#!/bin/sh\n%s\n' "$2" > "bin/$1"
    chmod +x "bin/$1"
}

# files: all that lies in the folder for pictures, the hidden too.
files() {
    ls -A pictures 2> /dev/null | tr '\n' ' '
}

# begin ARGUMENTS…: the window, with nothing saved so far.
begin() {
    rm -rf pictures; mkdir pictures
    start "$@" || exit
    settle
    rm -rf pictures/*
}

# settle: what was asked for by keys so far is done; it plays.
settle() {
    titled '.* running' && key space
    comes "paused" titled '.* paused'
    key space
    comes "running" titled '.* running'
}

# unfold: the capture menu. What lies before it folds away.
unfold() {
    for section in training network data; do click section.$section; done
    comes "the other sections fold" gone data.kind
    click section.capture
    comes "the capture menu" there capture.kind
}

recording() {
    [ "$(place record | cut -d' ' -f3)" -gt 40 ]
}

not_recording() {
    there record && ! recording
}

# some_frames: until training, which is filmed, has come on.
some_frames() {
    local now
    now=$(epoch)
    comes "training goes on" epoch_beyond $((now + 6))
}

# film: records for a while.
film() {
    : > notices
    key F9
    comes "it records" recording
    some_frames
    key F9
}

# goes_on WHAT: the program still does what it is told.
goes_on() {
    comes "$1: it records no more" not_recording
    titled '.* running' && key space
    comes "$1: it goes on" titled '.* paused'
    local now
    now=$(epoch)
    key period
    comes "$1: it steps" epoch_is $((now + 1))
    key space
    comes "$1: it plays" titled '.* running'
}

forever=(xor-shallow --set training.epochs=1000000)
pretend xdg-open "echo \"\$1\" > $folder/opened"

# ---- films

begin "${forever[@]}"
echo mine > pictures/saddle-xor-shallow-1.gif
film
comes "a GIF is saved" said '^saved saddle-xor-shallow-2\.gif in ~/pictures'
same "under a new name" "$(files)" "saddle-xor-shallow-1.gif saddle-xor-shallow-2.gif "
same "what was there stays" "$(cat pictures/saddle-xor-shallow-1.gif)" mine
same "is one" "$(head -c 6 pictures/saddle-xor-shallow-2.gif)" GIF89a
[ "$(identify pictures/saddle-xor-shallow-2.gif | wc -l)" -gt 2 ] && pass || fail "it moves"
click notice
comes "a click opens its folder" test -s opened
same "that folder" "$(cat opened)" "$folder/pictures"
rm pictures/*

unfold
click capture.kind 4
: > notices
click capture.record
comes "it records" recording
some_frames
click capture.record
comes "numbered pictures" said '^saved saddle-xor-shallow-1 in ~/pictures'
same "in a folder" "$(files)" "saddle-xor-shallow-1 "
[ "$(ls pictures/saddle-xor-shallow-1 | wc -l)" -gt 2 ] && pass || fail "several"
set -- $(place views)
same "all views, with a margin" "$("$pixels" pictures/saddle-xor-shallow-1/0000.png | cut -d' ' -f1)" \
    "$(($3 + 24))x$(($4 + 24))"
rm -r pictures/*
click capture.shows 1
film
comes "numbered pictures of the window" said '^saved saddle-xor-shallow-1 in'
same "as large as it is" "$("$pixels" pictures/saddle-xor-shallow-1/0000.png | cut -d' ' -f1)" \
    1440x900
rm -r pictures/*
key 3
comes "the landscape large" gone view.0.enlarge
click capture.shows 4
film
comes "numbered pictures of a view" said '^saved saddle-xor-shallow-1 in'
same "of that view" "$("$pixels" pictures/saddle-xor-shallow-1/0000.png | cut -d' ' -f1)" \
    "$(place views | awk '{ print $3 "x" $4 }')"
rm -r pictures/*
click capture.shows 2
key F9
comes "a view that is not in sight" said 'is not in sight'
same "begins nothing" "$(files)" ""
key Escape
comes "all views" there view.0.enlarge
click capture.shows 0

if command -v ffmpeg > /dev/null && command -v ffprobe > /dev/null; then
    streams() {
        ffprobe -v error -select_streams v -show_entries stream=codec_name,pix_fmt -of csv=p=0 "$1"
    }
    click capture.kind 1
    film
    comes "an MP4" said '^saved saddle-xor-shallow-1\.mp4'
    same "plays in browsers" "$(streams pictures/saddle-xor-shallow-1.mp4)" h264,yuv420p
    same "begins with its index" "$(grep -abo -m1 'moov\|mdat' pictures/saddle-xor-shallow-1.mp4 |
        head -1 | cut -d: -f2)" moov
    click capture.kind 2
    film
    comes "a WebM" said '^saved saddle-xor-shallow-1\.webm'
    same "is one" "$(streams pictures/saddle-xor-shallow-1.webm)" vp9,yuv420p
    click capture.kind 3
    film
    comes "a WebP" said '^saved saddle-xor-shallow-1\.webp'
    same "is one" "$(head -c 12 pictures/saddle-xor-shallow-1.webp | tail -c 4)" WEBP
    rm pictures/*

    # ffmpeg is killed midway.
    click capture.kind 1
    key F9
    comes "it records" recording
    some_frames
    pkill -KILL -P $program ffmpeg
    comes "ffmpeg killed" said '^~?/.*saddle-xor-shallow\.mp4: ffmpeg: failed: '
    same "ffmpeg killed: nothing is left" "$(files)" ""
    goes_on "ffmpeg killed"
fi

# Programs that are missing: a line at once, and nothing is begun.
key ctrl+q
ended 0
rm bin/xdg-open
OTHERS=/nowhere begin "${forever[@]}"
unfold
click capture.kind 1
key F9
comes "no ffmpeg" said 'mp4: needs the program ffmpeg, .*apt install ffmpeg'
same "nothing is begun" "$(files)" ""
key F12
comes "a picture" said '^saved .*png'
answered() { # it may have moved since it was read where it stands
    click notice
    said "$1"
}
comes "no xdg-open" answered 'apt install xdg-utils'
key ctrl+c
comes "no xclip" said 'apt install xclip'
goes_on "without programs"
key ctrl+q
ended 0

# ---- pictures and copies

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
key ctrl+q
ended 0

# ---- figures and numbers

begin "${forever[@]}"
titled '.* running' && key space
comes "paused" titled '.* paused'
unfold
click landscape.section
click export.view 1 # the predictions
begins() { # FILE TEXT
    [ "$(head -c ${#2} "$1" 2> /dev/null | tr -d '\0')" = "$2" ]
}
for kind in "0 png $(printf '\211PNG')" "1 svg <?xml" "2 pdf %PDF-1." "3 csv part,"; do
    set -- $kind
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

# ---- faults

# full WHAT KIND: a film of that kind onto a full disk.
full() {
    : > notices
    click capture.kind "$2"
    key F9
    comes "$1 onto a full disk" said "$3"
    same "$1 onto a full disk: nothing is left" "$(files)" ""
    goes_on "$1 onto a full disk"
}

rm -rf pictures/*
if mount -t tmpfs -o size=48k none pictures 2> /dev/null; then
    start "${forever[@]}" || exit
else
    # A limit on the size of files stands for the disk.
    sed -i 's/^exec/ulimit -f 48\nexec/' run
    start "${forever[@]}" || exit
fi
settle
comes "a picture onto a full disk" said 'saddle-xor-shallow.png: cannot write: (No space|File too)'
same "nothing is left of it" "$(files)" ""
unfold
full "a GIF" 0 'xor-shallow.gif: cannot write: (No space|File too)'
full "numbered pictures" 4 'xor-shallow/0[0-9]*.png: cannot write: (No space|File too)'
if command -v ffmpeg > /dev/null; then
    full "an MP4" 1 'xor-shallow.mp4: ffmpeg: failed'
fi
key ctrl+q
ended 0
umount pictures 2> /dev/null
sed -i '/^ulimit/d' run

# A folder that cannot be.
echo > no-folder
XDG_PICTURES_DIR=$folder/no-folder/pictures start "${forever[@]}" || exit
settle
comes "a picture" said 'no-folder.*: cannot create: '
: > notices
key F9
comes "a film" said 'no-folder.*: cannot create: '
goes_on "without a folder"
key ctrl+q
ended 0
if [ "$(id -u)" != 0 ]; then
    mkdir locked
    chmod 555 locked
    XDG_PICTURES_DIR=$folder/locked start "${forever[@]}" || exit
    : > notices
    key F9
    comes "a locked folder" said 'locked/.*: cannot write: Permission denied'
    goes_on "a locked folder"
    key ctrl+q
    ended 0
fi

# The window is closed while it records: the film is finished.
begin "${forever[@]}"
key F9
comes "it records" recording
some_frames
key ctrl+q
ended 0
same "closed while it records" "$(files)" "saddle-xor-shallow-1.gif "
same "the film is whole" "$(tail -c 1 pictures/saddle-xor-shallow-1.gif)" ";"

# The program is ended at once, whatever it records: nothing is left.
kinds="0 4"
if command -v ffmpeg > /dev/null; then kinds="0 1 2 3 4"; fi
for kind in $kinds; do
    begin "${forever[@]}"
    unfold
    click capture.kind $kind
    key F9
    comes "it records" recording
    some_frames
    kill -TERM $program
    ended 130
    same "ended while it records kind $kind" "$(files)" ""
done

# One that hangs: it is given up.
pretend ffmpeg 'exec sleep 1000'
begin "${forever[@]}"
unfold
click capture.kind 1
key F9
comes "it records" recording
some_frames
key ctrl+q
ended 0 "saddle: the film was given up: it was not finished within 8 s"
same "given up" "$(files)" ""
rm bin/ffmpeg

# The display goes away.
begin "${forever[@]}"
key F9
comes "it records" recording
some_frames
kill $server
wait $program
same "without a display: nothing is left" "$(files)" ""
