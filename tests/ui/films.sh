# Films of the window: of all kinds, of all that they can show, while it is resized or out of sight; and
# what becomes of them where the disk is full, a program is missing or ends, or the window is closed
# meanwhile: a clear line, nothing half-made, and the program goes on. bash.
. "$(dirname "$0")/capturing.sh"

begin "${forever[@]}"
echo mine > pictures/saddle-xor-shallow-1.gif
film
comes "a GIF is saved" said '^saved saddle-xor-shallow-2\.gif .*in ~/pictures'
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
comes "numbered pictures" said '^saved saddle-xor-shallow-1 .*in ~/pictures'
same "in a folder" "$(files)" "saddle-xor-shallow-1 "
[ "$(ls pictures/saddle-xor-shallow-1 | wc -l)" -gt 2 ] && pass || fail "several"
set -- $(place views)
same "all views, with a margin" "$("$pixels" pictures/saddle-xor-shallow-1/0000.png | cut -d' ' -f1)" \
    "$(($3 + 24))x$(($4 + 24))"
rm -r pictures/*
click capture.shows 1
film
comes "numbered pictures of the window" said '^saved saddle-xor-shallow-1 .*in'
same "as large as it is" "$("$pixels" pictures/saddle-xor-shallow-1/0000.png | cut -d' ' -f1)" \
    1440x900
rm -r pictures/*

# Its size changes meanwhile, and pictures are saved: all of the film have one size.
: > notices
key F9
comes "it records" recording
for ((i = 0; i < 24; i++)); do
    xdotool windowsize "$window" $((640 + i * 337 % 800)) $((480 + i * 229 % 420)) key F12
done
xdotool windowsize "$window" 1440 900
comes "as large as before" views_sized '1136 800'
some_frames
key F9
comes "a film of many sizes" said '^saved saddle-xor-shallow-1 .*in'
same "is of one" "$(for file in pictures/saddle-xor-shallow-1/*; do "$pixels" "$file"; done |
    cut -d' ' -f1 | sort -u)" 1440x900
all_saved() {
    [ "$(grep -c '^saved .*png' notices)" = 24 ]
}
comes "the pictures are saved, too" all_saved
same "each of them" "$(for file in pictures/*.png; do "$pixels" "$file"; done | wc -l)" 24
rm -r pictures/*
key 3
comes "the landscape large" gone view.0.enlarge
click capture.shows 4
film
comes "numbered pictures of a view" said '^saved saddle-xor-shallow-1 .*in'
same "of that view" "$("$pixels" pictures/saddle-xor-shallow-1/0000.png | cut -d' ' -f1)" \
    "$(place views | awk '{ print $3 "x" $4 }')"
rm -r pictures/*

# Another view is enlarged meanwhile, and this one again; at last it is stopped out of sight.
: > notices
key F9
comes "it records" recording
for view in 1 3 1; do
    some_frames
    key $view
done
some_frames
key F9
comes "a film of a view out of sight at times" said '^saved saddle-xor-shallow-1 .*in'
same "is of that view" "$(for file in pictures/saddle-xor-shallow-1/*; do "$pixels" "$file"; done |
    cut -d' ' -f1 | sort -u)" "$(place views | awk '{ print $3 "x" $4 }')"
key 3
rm -r pictures/*
click capture.shows 2
key F9
comes "a view that is not in sight" said 'is not in sight'
same "begins nothing" "$(files)" ""
key Escape
comes "all views" there view.0.enlarge
click capture.shows 0
kind=png
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
    kind=mp4
fi
key ctrl+q
ended 0
grep -q "^film = $kind\$" config/saddle/settings.ini && pass || fail "the kind is remembered"
kind=gif


# ---- faults

# Without the program, a line at once, and nothing is begun.
kind=mp4
OTHERS=/nowhere begin "${forever[@]}"
kind=gif
key F9
comes "no ffmpeg" said 'mp4: needs the program ffmpeg, .*apt install ffmpeg'
same "nothing is begun" "$(files)" ""
goes_on "without ffmpeg"
key ctrl+q
ended 0

# full WHAT KIND MESSAGE: a film of that kind onto a full disk.
full() {
    : > notices
    click capture.kind "$2"
    key F9
    comes "$1 onto a full disk" said "$3"
    same "$1 onto a full disk: nothing is left" "$(files)" ""
    goes_on "$1 onto a full disk"
}

small_disk
start "${forever[@]}" || exit
settle
unfold
full "a GIF" 0 'xor-shallow.gif: cannot write: (No space|File too)'
full "numbered pictures" 4 'xor-shallow/0[0-9]*.png: cannot write: (No space|File too)'
if command -v ffmpeg > /dev/null; then
    full "an MP4" 1 'xor-shallow.mp4: ffmpeg: failed'
fi
key ctrl+q
ended 0
large_disk

# A folder that cannot be.
echo > no-folder
XDG_PICTURES_DIR=$folder/no-folder/pictures start "${forever[@]}" || exit
key F9
comes "a film" said 'no-folder.*: cannot create: '
goes_on "without a folder"
key ctrl+q
ended 0
if [ "$(id -u)" != 0 ]; then
    mkdir locked
    chmod 555 locked
    XDG_PICTURES_DIR=$folder/locked start "${forever[@]}" || exit
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

# So it is where a window manager asks it to, and the window cannot be seen.
if [ -n "${ASK_CLOSE:-}" ]; then
    command -v ffmpeg > /dev/null && kind=mp4
    for seen in 1 0; do
        begin "${forever[@]}"
        key F9
        comes "it records" recording
        some_frames
        hidden() {
            ! xdotool search --onlyvisible --name saddle > /dev/null
        }
        [ $seen = 1 ] || { xdotool windowunmap "$window"; comes "out of sight" hidden; }
        "$ASK_CLOSE" "$window"
        ended 0
        same "asked to close" "$(files)" "saddle-xor-shallow-1.$kind "
        if [ $kind = mp4 ]; then
            same "the film is whole" "$(ffprobe -v error -count_packets -show_entries \
                stream=nb_frames,nb_read_packets -of csv=p=0 pictures/*.mp4 |
                awk -F, '{ print ($1 > 2 && $1 == $2) }')" 1
        fi
    done
    kind=gif
fi

# The program is asked to end (Ctrl+C in its terminal): what it records is finished, as when the
# window is closed.
filmed="0 4"
if command -v ffmpeg > /dev/null; then filmed="0 1 4"; fi # WebM and WebP end as MP4 does
suffixes=([0]=.gif [1]=.mp4 [4]="")
for film in $filmed; do
    begin "${forever[@]}"
    unfold
    click capture.kind $film
    key F9
    comes "it records" recording
    some_frames
    kill -TERM $program
    ended 130 "saddle: interrupted"
    same "asked to end while it records film $film" "$(files)" "saddle-xor-shallow-1${suffixes[film]} "
done

# One that takes nothing for a while: drawing goes on without it, and what the film lacks is told.
pretend ffmpeg "for name; do :; done
until [ -e $folder/ready ]; do
    [ -e $folder/bin ] || exit # the test is over
    sleep 0.02
done
cat > /dev/null
echo film > \"\$name\""
kind=mp4
begin "${forever[@]}"
key F9
comes "it records" recording
comes "training goes on" epoch_beyond $(($(epoch) + 120)) # for more pictures than may wait
: > notices
touch ready
key F9
comes "pictures are left out" said '^saved .*mp4 \([0-9]+ of [0-9]+ pictures left out\)'

# Killed at once, it leaves a draft, which is in nobody's way.
rm -r pictures/* ready
key F9
comes "it records" recording
kill -KILL $program
wait $program 2> /dev/null
touch ready
rm -f notices
start "${forever[@]}" || exit
settle
film
comes "after one that was killed" said '^saved saddle-xor-shallow-1\.mp4'
key ctrl+q
ended 0
rm ready

# Asked twice, it ends at once, whatever hangs: nothing is left. (A program in the background is
# started deaf to SIGINT.)
pretend ffmpeg 'exec sleep 1000'
# record_mp4: is in the midst of one.
record_mp4() {
    kind=mp4 begin "${forever[@]}"
    key F9
    comes "it records" recording
    some_frames
}
kind=gif
record_mp4
kill -HUP $program
kill -TERM $program
ended 130 "saddle: interrupted"
same "asked twice" "$(files)" ""

# A film that hangs is given up.
record_mp4
key ctrl+q
ended 0 "saddle: the film was given up: it came no further within 8 s"
same "given up" "$(files)" ""
rm bin/ffmpeg

# The display goes away.
begin "${forever[@]}"
key F9
comes "it records" recording
some_frames
kill $server
ended 1 "saddle: the display $DISPLAY went away"
same "without a display: nothing is left" "$(files)" ""
