# saddle record: films of every kind, the same bytes each time, no display needed; and what is left
# when one fails: nothing.
. "$(dirname "$0")/lib.sh"
unset DISPLAY WAYLAND_DISPLAY

small=(--view mse --size 160x120 --epochs 6 --quiet)
film=("$saddle" record xor-shallow "${small[@]}")
read_short() { # OFFSET FILE
    od -An -tu2 -j"$1" -N2 "$2" | tr -d ' '
}

works "a GIF" "${film[@]}" -o a.gif
same "is one" "$(head -c 6 a.gif)" GIF89a
same "of that size" "$(read_short 6 a.gif)x$(read_short 8 a.gif)" 160x120
works "again" "${film[@]}" -o b.gif
holds "the same bytes" cmp a.gif b.gif
works "several views" "${film[@]}" --view mse,predictions -o c.gif
if cmp -s a.gif c.gif; then fail "--view mse,predictions changes nothing"; else pass; fi
for option in "--theme light" "--scale 1.5" "--fps 10" "--hold 3" "--every 3" \
    "--seed 3"; do
    works "$option" "${film[@]}" $option -o c.gif
    if cmp -s a.gif c.gif; then fail "$option changes nothing"; else pass; fi
done
works "in Chinese" "${film[@]}" --view weights --lang zh_CN -o c.gif
works "in English" "${film[@]}" --view weights -o d.gif
if cmp -s c.gif d.gif; then fail "--lang zh_CN changes nothing"; else pass; fi
works "the whole layout" "$saddle" record xor-shallow --epochs 1 --size 320x200 --quiet -o c.gif
works "a race" "$saddle" record race --epochs 3 --size 320x200 --quiet -o c.gif
works "one that turns" "$saddle" record error-surface --view landscape --epochs 3 --size 160x120 \
    --turn 90 --quiet -o c.gif
works "one that does not" "$saddle" record error-surface --view landscape --epochs 3 \
    --size 160x120 --quiet -o d.gif
if cmp -s c.gif d.gif; then fail "--turn changes nothing"; else pass; fi
rm ./*.gif

# Which epochs: 0, every N, and the last.
pictures() {
    mkdir frames
    "${film[@]}" "$@" -o frames/%04d.png > out 2> err < /dev/null
    find frames -name '????.png' | wc -l
    rm -r frames
}
same "every epoch" "$(pictures)" 7
same "every 2nd" "$(pictures --every 2)" 4
same "every 4th, and the last" "$(pictures --every 4)" 3
same "the untrained network alone" "$(pictures --epochs 0)" 1
# 0 … 25, 30, 40, 50, 60, 70, 75, 80, 90, 100, 125, and the last
same "fewer and fewer" "$(pictures --epochs 130 --cadence tutorial)" 37

# One of pictures is what shot draws.
mkdir frames
works "pictures" "${film[@]}" -o frames/%d.png
works "a shot of its end" "$saddle" shot xor-shallow "${small[@]}" -o shot.png
holds "the last picture is the shot" cmp frames/6.png shot.png
rm -r frames shot.png

# A run that diverges has a film, too: of what there was.
"$saddle" record xor-shallow "${small[@]}" --set training.optimizer.learning_rate=1e6 -o a.gif \
    2> err
same "diverging" $? 0
holds "has its film" test -s a.gif
refuses 1 'nothing was written' "$saddle" record xor-shallow "${small[@]}" \
    --set training.optimizer.learning_rate=1e6 --fail-on-divergence -o b.gif
rm a.gif

refuses 2 'needs -o' "$saddle" record xor-shallow
refuses 2 'must end in one of .gif' "${film[@]}" -o a.avi
refuses 2 'at most 50 pictures' "${film[@]}" -o a.gif --fps 60
refuses 2 '--fps 0: must be' "${film[@]}" -o a.gif --fps 0
refuses 2 '--every 0: must be' "${film[@]}" -o a.gif --every 0
refuses 2 '--cadence fast: must be' "${film[@]}" -o a.gif --cadence fast
refuses 2 '--every 3: leave it out' "${film[@]}" -o a.gif --every 3 --cadence tutorial
refuses 2 '--hold -1: must be' "${film[@]}" -o a.gif --hold -1
refuses 2 '--turn far: must be' "${film[@]}" -o a.gif --turn far
refuses 2 'no such view; there are' "${film[@]}" -o a.gif --view mse,nothing
refuses 2 'numbered' "${film[@]}" -o a.png
refuses 1 'nowhere/a.gif: cannot write: No such file' "${film[@]}" -o nowhere/a.gif
refuses 1 'nowhere/%d.png: cannot write: No such file' "${film[@]}" -o nowhere/%d.png
nothing_left "refused"

if [ "$(id -u)" != 0 ]; then
    mkdir locked
    chmod 555 locked
    refuses 1 'locked/a.gif: cannot write: Permission' "${film[@]}" -o locked/a.gif
    rmdir locked
fi

# A full disk, at any moment: a limit on the size of files stands for it.
for blocks in 0 1 3; do
    (ulimit -f $blocks && "${film[@]}" -o a.gif 2> /dev/full)
    same "a GIF onto a disk full after $blocks blocks" $? 1
    nothing_left "a full disk"
done

# The same on a file system that is really full, or read-only, where one can be mounted.
on_disk() { # size=…|ro COMMAND…: with the folder full/ like that
    mkdir full
    unshare -rm bash -c 'mount -t tmpfs -o $0 none full || exit 99
        "${@}" 2> err < /dev/null; code=$?
        ls -A full > left; exit $code' "$@"
    local code=$?
    rmdir full
    return $code
}
on_disk size=4k true
if [ $? = 0 ]; then
    kinds="gif %d.png"
    if command -v ffmpeg > /dev/null; then kinds="$kinds mp4 webm webp"; fi
    for kind in $kinds; do
        for size in 4 16; do
            on_disk size=${size}k "$saddle" record xor-shallow --view landscape --epochs 6 \
                --size 320x240 --quiet -o full/a.$kind
            same "a .$kind onto $size KiB" $? 1
            holds "says why" grep -q 'No space left on device' err
            same "in one line" "$(grep -c '^saddle: ' err)-$(wc -l < err)" 1-1
            same "and leaves nothing" "$(cat left)" ""
        done
        on_disk ro "${film[@]}" -o full/a.$kind
        same "a .$kind into a read-only folder" $? 1
        holds "says why" grep -q "full/a.$kind: cannot write: Read-only file system" err
    done
fi
rm -f left

if command -v ffmpeg > /dev/null; then
    for kind in mp4 webm webp; do
        works "a .$kind" "${film[@]}" -o a.$kind
        works "again" "${film[@]}" -o b.$kind
        holds "the same bytes" cmp a.$kind b.$kind
        rm {a,b}.$kind
        (ulimit -f 1 && "${film[@]}" -o a.$kind 2> /dev/null)
        same "a .$kind onto a full disk" $? 1
        nothing_left "a .$kind onto a full disk"
    done
    works "of odd sides" "${film[@]}" --size 161x121 -o a.mp4
    if command -v ffprobe > /dev/null; then
        same "plays in browsers" "$(ffprobe -v error -select_streams v -show_entries \
            stream=codec_name,pix_fmt,width,height -of csv=p=0 a.mp4)" h264,162,122,yuv420p
        # Seven pictures, the last one of which stays for two seconds.
        same "as long as it says" "$(ffprobe -v error -count_frames -select_streams v \
            -show_entries stream=nb_read_frames -of csv=p=0 a.mp4)" 56
        works "ten a second" "${film[@]}" --fps 10 --hold 1 -o b.mp4
        same "are" "$(ffprobe -v error -count_frames -select_streams v -show_entries \
            stream=r_frame_rate,nb_read_frames -of csv=p=0 b.mp4)" 10/1,16
        works "a .webm of odd sides" "${film[@]}" --size 161x121 -o b.webm
        same "plays, too" "$(ffprobe -v error -select_streams v -show_entries \
            stream=codec_name,pix_fmt,width,height -of csv=p=0 b.webm)" vp9,162,122,yuv420p
        rm b.mp4 b.webm
    fi
    # Faststart: the index lies before the pictures.
    same "begins with its index" \
        "$(grep -abo -m1 'moov\|mdat' a.mp4 | head -1 | cut -d: -f2)" moov
    rm a.mp4
    # ffmpeg is killed midway.
    "$saddle" record xor-deep --size 320x200 --quiet -o a.mp4 > out 2> err < /dev/null &
    until pkill -KILL -P $! ffmpeg; do sleep 0.02; done
    wait $!
    same "ffmpeg killed" $? 1
    holds "is said" grep -q 'ffmpeg: failed' err
    nothing_left "ffmpeg killed"
fi
mkdir none
program=$(command -v "$saddle")
refuses 1 'a.mp4: needs the program ffmpeg' env PATH="$PWD/none" "$program" record xor-shallow -o a.mp4
rmdir none

# On a terminal: how far it is, and the time left.
TERM=xterm script -qec "'$program' record xor-deep --view landscapes --epochs 30 --cadence tutorial \
    -o a.gif" /dev/null > out < /dev/null
holds "time left" grep -q 'epoch [0-9]*/30 .* s left' out
holds "one film" test -s a.gif
rm a.gif

# Ctrl+C, also while one large picture is drawn: none of them stays.
for size in 320x200 4000x3000; do
    mkdir frames
    timeout 120 env --default-signal=INT "$saddle" record xor-deep --size $size --quiet \
        -o frames/%d.png > out 2> err < /dev/null &
    until [ -s frames/0.png ]; do sleep 0.02; done
    pkill -INT -P $! saddle
    wait $!
    same "Ctrl+C during pictures of $size" $? 130
    same "none stays" "$(ls -A frames)" ""
    rmdir frames
done
for name in a.gif a.mp4; do
    if [ $name = a.mp4 ] && ! command -v ffmpeg > /dev/null; then continue; fi
    timeout 120 env --default-signal=INT "$saddle" record xor-deep --size 320x200 --quiet \
        -o $name > out 2> err < /dev/null &
    until ls $name.tmp.* > /dev/null 2>&1; do sleep 0.02; done
    sleep 0.3
    pkill -INT -P $! saddle
    wait $!
    same "Ctrl+C during $name" $? 130
    nothing_left "Ctrl+C during $name"
done
