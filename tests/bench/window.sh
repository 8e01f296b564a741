#!/bin/bash
# Frame times of the real window, drawn by the processor, on a display of its own at 1280x720: while
# xor-shallow trains at the default pace and as fast as it goes, and while its landscape is turned
# meanwhile, or the window is recorded; xor-deep with the landscapes of all its layers; a race. From
# the arrival of the input to the finished picture; one JSON object a line, as saddle bench. Says
# MISSED, and fails, where one frame of a hundred takes longer than BUDGET. No part of the tests:
# times depend on the machine. Run it with ./dev bench --window [JOB…].
set -eu
: "${SADDLE:?SADDLE names the program}"
BUDGET=0.033
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$folder"' EXIT
export XDG_CONFIG_HOME=$folder XDG_PICTURES_DIR=$folder SADDLE_FRAME_LOG=$folder/frames
export LIBGL_ALWAYS_SOFTWARE=1
mkdir -p "$folder/saddle"

exec 3<> "$folder/display"
Xvfb -displayfd 3 -screen 0 1280x720x24 -nolisten tcp 2> /dev/null &
until [ -s "$folder/display" ]; do sleep 0.05; done
export DISPLAY=:$(head -n 1 "$folder/display")
missed=0
wanted=" $* "

# measure JOB EXPERIMENT ACTION…: runs the window on an experiment, does something for some seconds,
# and prints the median, the 99th percentile and the worst of the frames since.
measure() {
    local job=$1 experiment=$2
    shift 2
    case $wanted in "  " | *" $job "*) ;; *) return ;; esac
    "$SADDLE" "$experiment" --epochs 1000000000 &
    local program=$!
    until window=$(xdotool search --name '^saddle –' 2> /dev/null); do sleep 0.05; done
    xdotool windowmove "$window" 0 0 windowsize "$window" 1280 720
    sleep 2
    local action warm
    for action; do
        sleep 1
        warm=$(wc -l < "$folder/frames")
        $action
    done
    xdotool key ctrl+q
    wait $program || true
    tail -n +$((warm + 1)) "$folder/frames" | sort -g | awk -v job="$job" -v budget="$BUDGET" '
        { t[NR] = $1 }
        END {
            if (NR == 0) { print job ": no frame"; exit 1 }
            half = int((NR + 1) / 2); late = int(NR * 0.99); if (late < 1) late = 1
            missed = (t[late] > budget + 0)
            printf "{\"job\": \"%s\", \"seconds\": %.6f, \"p99\": %.6f, \"worst\": %.6f, \"rate\": %.4g, \"unit\": \"frames/s\", \"statistic\": \"median of %d\"}%s\n",
                job, t[half], t[late], t[NR], 1 / t[half], NR, missed ? "  MISSED" : ""
            exit missed
        }' || missed=1
}

watch() {
    sleep 6
}
full_speed() {
    for _ in $(seq 40); do xdotool key bracketright; done
}
turn() {
    xdotool mousemove 1000 300 mousedown 1
    for i in $(seq 300); do
        xdotool mousemove_relative -- $((i % 60 < 30 ? 3 : -3)) $((i % 40 < 20 ? 1 : -1))
        sleep 0.02
    done
    xdotool mouseup 1
}
record() {
    xdotool key F9
    sleep 6
    xdotool key F9
}
enlarge() {
    xdotool key "$VIEW"
}

measure window-training xor-shallow watch
measure window-full-speed xor-shallow full_speed watch
measure window-turning xor-shallow turn
measure window-turning-full-speed xor-shallow full_speed turn
measure window-recording xor-shallow full_speed record
measure window-layers xor-deep full_speed watch
VIEW=4 measure window-layers-large xor-deep full_speed enlarge watch
measure window-race race full_speed watch
exit $missed
