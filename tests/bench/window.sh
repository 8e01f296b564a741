#!/bin/bash
# Frame times of the real window, on a display of its own at 1280x720: while it trains at the default
# pace, as fast as it goes, and while the landscape is turned. From the arrival of the input to the
# finished picture; one JSON object a line, as saddle bench. No part of the tests: times depend on the
# machine. Run it with ./dev bench --window.
set -eu
: "${SADDLE:?SADDLE names the program}"
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$folder"' EXIT
export XDG_CONFIG_HOME=$folder XDG_PICTURES_DIR=$folder SADDLE_FRAME_LOG=$folder/frames
mkdir -p "$folder/saddle"

exec 3<> "$folder/display"
Xvfb -displayfd 3 -screen 0 1280x720x24 -nolisten tcp 2> /dev/null &
until [ -s "$folder/display" ]; do sleep 0.05; done
export DISPLAY=:$(head -n 1 "$folder/display")

# measure NAME ACTIONS…: runs the window on an experiment, does something for some seconds, and
# prints the median and the 95th percentile of the frames since.
measure() {
    local name=$1 act=$2
    "$SADDLE" xor-shallow --epochs 1000000 &
    local program=$!
    until window=$(xdotool search --name '^saddle –' 2> /dev/null); do sleep 0.05; done
    xdotool windowmove "$window" 0 0 windowsize "$window" 1280 720
    sleep 3
    local warm
    warm=$(wc -l < "$folder/frames")
    $act
    xdotool key ctrl+q
    wait $program || true
    tail -n +$((warm + 1)) "$folder/frames" | sort -g | awk -v job="$name" '
        { t[NR] = $1 }
        END { printf "{\"job\": \"%s\", \"seconds\": %.6f, \"p95\": %.6f, \"rate\": %.4g, \"unit\": \"frames/s\", \"statistic\": \"median of %d\"}\n",
              job, t[int((NR + 1) / 2)], t[int(NR * 0.95)], 1 / t[int((NR + 1) / 2)], NR }'
}

wait_and_watch() {
    sleep 6
}
full_speed() {
    for _ in $(seq 40); do xdotool key bracketright; done
    sleep 6
}
turn() {
    xdotool mousemove 1000 300 mousedown 1
    for i in $(seq 300); do
        xdotool mousemove_relative -- $((i % 60 < 30 ? 3 : -3)) $((i % 40 < 20 ? 1 : -1))
        sleep 0.02
    done
    xdotool mouseup 1
}
turn_at_full_speed() {
    for _ in $(seq 40); do xdotool key bracketright; done
    turn
}

measure window-training wait_and_watch
measure window-full-speed full_speed
measure window-turning turn
measure window-turning-full-speed turn_at_full_speed
