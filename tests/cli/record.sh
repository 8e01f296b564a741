# saddle record: films of every kind, the same bytes each time, no display needed; and what is left
# when one fails: nothing.
. "$(dirname "$0")/lib.sh"
unset DISPLAY WAYLAND_DISPLAY

small=(--view mse --size 160x120 --epochs 6 --quiet)
film=("$saddle" record xor-shallow "${small[@]}")
read_short() { # OFFSET FILE
    od -An -tu2 -j"$1" -N2 "$2" | tr -d ' '
}

# while_it_runs COMMAND…: tried until it succeeds, or the program in the background has ended before.
while_it_runs() {
    local runs=1
    until "$@"; do
        if [ $runs = 0 ]; then
            fail "the program ended before: $*"
            return
        fi
        kill -0 $! 2> /dev/null || runs=0
        sleep 0.02
    done
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

# Numbered pictures take the place of an earlier film's, all at once; what a longer one has beyond
# them, up to a gap, stays and is told. What fails leaves the earlier film.
mkdir frames
works "a film" "${film[@]}" --epochs 9 -o frames/%02d.png
for name in 12.png 3.png a03.png; do echo mine > frames/$name; done
ls -A frames > before
cat frames/*.png | cksum >> before
refuses 1 'diverged' "${film[@]}" --set training.optimizer.learning_rate=1e6 --fail-on-divergence \
    -o frames/%02d.png
mkdir frames/10.png
refuses 1 'frames/10.png: cannot write: Is a directory' "${film[@]}" -o frames/%02d.png
rmdir frames/10.png
(ulimit -f 1 && "${film[@]}" --seed 2 -o frames/%02d.png 2> /dev/full)
same "pictures onto a full disk" $? 1
same "the earlier film" "$(ls -A frames; cat frames/*.png | cksum)" "$(cat before)"
cp -r frames longer
works "a shorter film, quietly" "${film[@]}" --epochs 2 -o frames/%02d.png
same "leaves the others" "$(ls -A frames; cd frames && cksum 03.png 09.png 12.png 3.png a03.png)" \
    "$(ls -A longer; cd longer && cksum 03.png 09.png 12.png 3.png a03.png)"
loud=("$saddle" record xor-shallow --view mse --size 160x120)
"${loud[@]}" --epochs 2 -o frames/%02d.png > out 2> err < /dev/null
same "a shorter film" $? 0
same "tells" "$(cat err)" "saddle: frames/03.png to frames/09.png were there before and stay"
"${loud[@]}" --epochs 8 -o frames/%02d.png > out 2> err < /dev/null
same "tells of one" "$(cat err)" "saddle: frames/09.png was there before and stays"
works "as long a film tells nothing" "${loud[@]}" --epochs 9 -o frames/%02d.png
rm -r frames longer before

# Links are followed, but not where a picture would be lost, which is said before any work.
mkdir frames
ln -s elsewhere.png frames/0.png
works "a link" "${film[@]}" --epochs 0 -o frames/%d.png
holds "stays" test -L frames/0.png
holds "is followed" test -s frames/elsewhere.png
ln -s 0.png frames/1.png
refuses 1 'frames/1.png: is the same file as frames/0.png: remove' "${film[@]}" -o frames/%d.png
ln -sf /dev/saddle.png frames/1.png
refuses 1 'frames/1.png: leads to another disk, to /dev/saddle.png: remove' \
    "${film[@]}" -o frames/%d.png
same "nothing else" "$(ls -A frames | tr '\n' ' ')" "0.png 1.png elsewhere.png "
rm -r frames

# A trained network, as it is: one picture, or as many as --hold has, going round.
weights=(--view landscape --size 160x120 --quiet --weights run.npz)
works "weights" "$saddle" train xor-shallow --weights run.npz --quiet
works "their shot" "$saddle" shot xor-shallow "${weights[@]}" -o shot.png
mkdir frames
works "their film" "$saddle" record xor-shallow "${weights[@]}" -o frames/%d.png
same "is one picture" "$(ls frames)" 0.png
holds "the shot" cmp frames/0.png shot.png
works "that turns" "$saddle" record xor-shallow "${weights[@]}" --turn 360 --hold 0.4 --fps 10 \
    -o frames/%d.png
same "is as long as it is to be" "$(ls frames | tr '\n' ' ')" "0.png 1.png 2.png 3.png "
holds "from the same view" cmp frames/0.png shot.png
same "all round" "$(cksum frames/*.png | cut -d' ' -f1 | sort -u | wc -l)" 4
works "half of it" "$saddle" record xor-shallow "${weights[@]}" --turn 180 --hold 0.2 --fps 10 \
    -o half-%d.png
holds "is half of it" cmp half-1.png frames/1.png
works "the untrained network" "$saddle" record xor-shallow --view landscape --size 160x120 --quiet \
    --epochs 0 --turn 90 --hold 0.5 --fps 10 -o frames/%d.png
same "turns, too" "$(ls frames | wc -l)" 5
refuses 1 'none.npz' "$saddle" record xor-shallow "${weights[@]}" --weights none.npz -o a.gif
if command -v ffprobe > /dev/null && command -v ffmpeg > /dev/null; then
    works "a video of it" "$saddle" record xor-shallow "${weights[@]}" --turn 360 --hold 1.5 \
        --fps 10 -o a.mp4
    same "as long" "$(ffprobe -v error -count_frames -select_streams v -show_entries \
        stream=nb_read_frames -of csv=p=0 a.mp4)" 15
    rm a.mp4
    # Names that ffmpeg would take for a protocol or an option.
    mkdir at:once
    for name in 12:30.mp4 -x.mp4 at:once/a.webm; do
        works "$name" "$saddle" record xor-shallow --view mse --size 64x64 --epochs 1 --quiet -o "$name"
        holds "$name is there" test -s "./$name"
    done
    rm -r at:once 12:30.mp4 ./-x.mp4
fi
rm -r frames half-* run.npz shot.png

# However training ends, the camera has then turned as far as it was to: once round is where it was.
turned() { # WHAT HOW EXPERIMENT OPTION…: training says HOW it ends
    local what=$1 how=$2 last
    shift 2
    "$saddle" train "$@" > out 2> err < /dev/null
    holds "$what: which it did" grep -q "$how" out err
    mkdir frames
    for turn in 0 360; do
        "$saddle" record "$@" --view landscape --size 160x120 --every 3 --turn $turn \
            -o frames/$turn-%04d.png > out 2> err < /dev/null
    done
    last=$(cd frames && ls 0-*.png | tail -1)
    last=${last#0-}
    same "$what: as many pictures" "$(cd frames && ls 360-*.png | tail -1)" "360-$last"
    same "$what: said once" "$(grep -c "$how" err)" "$(grep -c "diverged\|stopped" err)"
    # Within a rounding of the last edges.
    holds "$what: once round" test "$(compare -metric AE -fuzz 3% frames/0-$last frames/360-$last \
        null: 2>&1)" -lt 100
    works "$what: a shot" "$saddle" shot "$@" --view landscape --size 160x120 --quiet -o shot.png
    holds "$what: the last picture is the shot" cmp frames/0-$last shot.png
    rm -r frames shot.png
}
turned "to the last epoch" 'epoch 6,' error-surface --epochs 6
turned "to the last epoch, which is not shown else" 'epoch 7,' error-surface --epochs 7
early=(--epochs 100 --set training.early_stopping.patience)
turned "stopped early" 'stopped early at epoch 70' xor-shallow "${early[@]}=3" \
    --set training.optimizer.learning_rate=0.05
turned "stopped early where there is a picture" 'stopped early at epoch 3' error-surface \
    "${early[@]}=1" --set training.optimizer.learning_rate=1
turned "diverged" 'diverged in epoch 1' xor-shallow --epochs 50 \
    --set training.optimizer.learning_rate=1

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
            same "of the name that was asked for" "$(grep -c '\.tmp\.\|/\.' err)" 0
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
    while_it_runs pkill -KILL -P $! ffmpeg
    wait $!
    same "ffmpeg killed" $? 1
    holds "is said" grep -q 'ffmpeg: failed' err
    nothing_left "ffmpeg killed"
fi
mkdir none
program=$(command -v "$saddle")
refuses 1 'a.mp4: needs the program ffmpeg' env PATH="$PWD/none" "$program" record xor-shallow -o a.mp4
rmdir none

# An ffmpeg that takes its time when the last picture has come: it is waited for, but not by one who
# wants no more.
mkdir slow
cat > slow/ffmpeg << 'END'
#!/bin/sh
for name; do :; done
cat > /dev/null
touch "$0.waits"
until [ -e "$0.ends" ]; do
    [ -e "$0" ] || exit # the test is over
    sleep 0.02
done
echo film > "$name"
END
chmod +x slow/ffmpeg
slowly() {
    env --default-signal=INT PATH="$PWD/slow:$PATH" "$program" record xor-shallow "${small[@]}" \
        -o a.mp4 > out 2> err < /dev/null &
    while_it_runs test -e slow/ffmpeg.waits
}
slowly
touch slow/ffmpeg.ends
wait $!
same "one that takes its time" $? 0
same "its film" "$(cat a.mp4)" film
rm a.mp4 slow/ffmpeg.*
slowly
kill -INT $!
wait $!
same "interrupted meanwhile" $? 130
same "says so" "$(cat err)" "saddle: interrupted"
rm -r slow
nothing_left "interrupted meanwhile"

# On a terminal: how far it is, and the time left.
TERM=xterm script -qec "'$program' record xor-deep --view landscapes --epochs 30 --cadence tutorial \
    -o a.gif" /dev/null > out < /dev/null
holds "time left" grep -q 'epoch [0-9]*/30 .* s left' out
holds "one film" test -s a.gif
rm a.gif
# A camera that turns by equal parts: all is tried first, and that is not taken for the film.
TERM=xterm script -qec "'$program' record xor-deep --view mse --size 160x120 --epochs 12000 \
    --every 4000 --turn 90 -o a.gif" /dev/null > out < /dev/null
holds "the rehearsal" grep -aq 'rehearsal: epoch [0-9]*/12000 .* s left' out
holds "is followed by the film" grep -aqE $'\r''epoch [0-9]+/12000 ' out
same "once" "$(tr '\r' '\n' < out | grep -a -o '^rehearsal\|^epoch' | uniq | tr '\n' ' ')" \
    "rehearsal epoch "
rm a.gif

# Ctrl+C, and being asked to end, also while one large picture is drawn: what was there stays, and
# nothing else. (A program in the background is started deaf to SIGINT.)
stopped() { # SIGNAL SIZE NAME UNTIL…
    local signal=$1 size=$2 name=$3
    shift 3
    timeout -s KILL 300 env --default-signal=INT "$saddle" record xor-deep --size $size --quiet \
        -o $name > out 2> err < /dev/null &
    while_it_runs "$@"
    pkill -$signal -P $! saddle
    wait $!
    same "$signal during $name of $size" $? 130
    same "says so" "$(cat err)" "saddle: interrupted"
}
drafted() { # N: the pictures begun
    [ "$(find frames -path '*/.*/*.png' | wc -l)" -ge $1 ]
}
under_way() { # of a single file
    ls a.$kind.tmp.* > /dev/null 2>&1
}
mkdir frames
works "an earlier film" "${film[@]}" -o frames/%d.png
before=$(cksum frames/*)
for signal in INT TERM; do
    for n in 1 3; do
        stopped $signal 320x200 frames/%d.png drafted $n
        same "the earlier film" "$(cksum frames/*)" "$before"
        same "nothing else" "$(ls -A frames | tr '\n' ' ')" "0.png 1.png 2.png 3.png 4.png 5.png 6.png "
    done
done
stopped INT 4000x3000 frames/%d.png drafted 1
same "the earlier film" "$(cksum frames/*; ls -A frames | wc -l)" "$before
7"
rm -r frames
kinds=gif
if command -v ffmpeg > /dev/null; then kinds="$kinds mp4 webm webp"; fi

# Killed at once, it leaves its draft, which is in nobody's way.
for name in a.gif frames/%d.png; do
    mkdir frames
    "$saddle" record xor-deep --size 320x200 --quiet -o $name > out 2> err < /dev/null &
    begun() {
        compgen -G 'a.gif.tmp.*' > /dev/null || drafted 1
    }
    while_it_runs begun
    {
        kill -KILL $!
        wait $!
    } 2> /dev/null # where bash says what was killed
    same "$name: killed" $? 137
    works "again" "${film[@]}" -o $name
    holds "$name after one that was killed" test -s a.gif -o -s frames/6.png
    rm -rf frames a.gif*
done
for kind in $kinds; do
    for signal in INT TERM; do
        stopped $signal 320x200 a.$kind under_way
        nothing_left "$signal during a .$kind"
        echo mine > a.$kind
        stopped $signal 320x200 a.$kind under_way
        same "the earlier .$kind" "$(cat a.$kind)" mine
        rm a.$kind
        nothing_left "$signal during a .$kind"
    done
done
