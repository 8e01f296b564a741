# What saves pictures, films, figures and numbers, in short: from the command line and in the window,
# so that it can be driven where programs are slow, too. films, pictures, and what the command line's
# tests do, ask more. bash.
. "$(dirname "$0")/capturing.sh"

# ---- the command line

mkdir pictures

# record OPTION…: a film of that, and nothing is said.
record() {
    "$saddle" record error-surface --view landscape --size 160x120 --quiet "$@" > out 2> err < /dev/null
    same "record $*: exit code" $? 0
    same "record $*: standard error" "$(cat err)" ""
}

# recording_to NAME: a film that takes long is being made.
recording_to() {
    # What runs in the background is started deaf to Ctrl+C.
    env --default-signal=INT "$saddle" record xor-deep --size 320x200 --quiet -o "pictures/$1" \
        > out 2> err < /dev/null &
    program=$!
    comes "$1 is begun" drafted
}

drafted() { # a single file's draft, or that of a second picture
    compgen -G 'pictures/*.tmp.*' > /dev/null || compgen -G 'pictures/.*/*1.png' > /dev/null
}

record --epochs 4 -o pictures/a.gif
same "is a GIF" "$(head -c 6 pictures/a.gif)" GIF89a
record --epochs 4 --turn 90 -o pictures/b.gif
same "one that turns" "$(head -c 6 pictures/b.gif)" GIF89a
differs "is another" "$(cksum < pictures/b.gif)" "$(cksum < pictures/a.gif)"
rm pictures/*
record --epochs 6 --seed 2 -o pictures/%d.png
cksum pictures/[3-6].png > longer
record --epochs 2 -o pictures/%d.png
same "takes the place of a longer one" "$(files)" "0.png 1.png 2.png 3.png 4.png 5.png 6.png "
same "whose end stays" "$(cksum pictures/[3-6].png)" "$(cat longer)"
cksum pictures/* > before
recording_to %d.png
kill -INT $program
ended 130 "saddle: interrupted"
same "interrupted: the earlier pictures" "$(cksum pictures/*)" "$(cat before)"
same "interrupted: nothing else" "$(files)" "0.png 1.png 2.png 3.png 4.png 5.png 6.png "
rm pictures/*
recording_to a.gif
kill -INT $program
ended 130 "saddle: interrupted"
same "interrupted: no half film" "$(files)" ""
small_disk
for name in a.gif %d.png; do
    "$saddle" record xor-deep --size 320x200 --quiet -o pictures/$name > out 2> err < /dev/null
    same "$name onto a full disk" $? 1
    grep -Eq 'pictures/.*: cannot write: (No space|File too)' err && pass || fail "$name: says why"
    same "$name: in one line" "$(wc -l < err)" 1
    same "$name: nothing is left" "$(files)" ""
done
large_disk
program=

# ---- the window

begin "${forever[@]}"
key F12
comes "a picture" said '^saved saddle-xor-shallow-1\.png '
same "of the window" "$("$pixels" pictures/saddle-xor-shallow-1.png | cut -d' ' -f1)" 1440x900
point $(at views)
xdotool key shift+F12
comes "a view alone" said '^saved saddle-xor-shallow-2\.png '
film
comes "a film" said '^saved saddle-xor-shallow-1\.gif '
same "is whole" "$(head -c 6 pictures/saddle-xor-shallow-1.gif; tail -c 1 pictures/*.gif)" "GIF89a;"
unfold
click landscape.section
click export.save
comes "a figure" said '^saved saddle-xor-shallow-3\.png '
click export.kind 3
click export.save
comes "numbers" said '^saved saddle-xor-shallow-1\.csv '
key F9
comes "it records" recording
some_frames
key ctrl+q
ended 0
same "all that was saved" "$(files)" "saddle-xor-shallow-1.csv saddle-xor-shallow-1.gif \
saddle-xor-shallow-1.png saddle-xor-shallow-2.gif saddle-xor-shallow-2.png saddle-xor-shallow-3.png "
same "the last film is whole" "$(tail -c 1 pictures/saddle-xor-shallow-2.gif)" ";"
