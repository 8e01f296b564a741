# A run in the real window: played, paused, stepped, paced, sought, set otherwise, and another one.
. "$(dirname "$0")/lib.sh"

start xor-shallow || exit
comes "the title" titled 'xor-shallow – epoch [0-9]+ – (running|paused)'

# Play, pause, step, restart.
comes "it plays" titled '.* running'
key space
comes "Space pauses" titled '.* paused'
key Home
comes "Home goes back to the start" titled 'xor-shallow – epoch 0 – paused'
key period
comes "a step" titled 'xor-shallow – epoch 1 – paused'
click step
comes "the step button" titled 'xor-shallow – epoch 2 – paused'
click play
comes "the play button" titled '.* running'
comes "training" epoch_beyond 4
click play
comes "the pause button" titled '.* paused'
last=$(epoch)
click restart
comes "the restart button" titled 'xor-shallow – epoch 0 – paused'

# The pace: as fast as it goes, it is done in no time.
key bracketright{,,,,,,,}
key space
comes "it ends by itself" titled 'xor-shallow – epoch 601 – done'

# The timeline.
seek_start
comes "the timeline leads back" titled 'xor-shallow – epoch 0 – paused'
set -- $(place timeline)
drag $(($1 + 2)) $(($2 + $4 / 2)) $(($1 + $3 - 2)) $(($2 + $4 / 2))
comes "and forward to the end" titled 'xor-shallow – epoch 601 – done'
click restart
comes "at the start" titled 'xor-shallow – epoch 0 – paused'
key ctrl+z
comes "a restart is undone" titled 'xor-shallow – epoch 601 – done'
seek_start
comes "back once more" titled 'xor-shallow – epoch 0 – paused'
key Right
comes "an epoch forward" titled 'xor-shallow – epoch 1 – paused'
key shift+Right
comes "ten epochs forward" titled 'xor-shallow – epoch 11 – paused'
key Left
comes "an epoch back" titled 'xor-shallow – epoch 10 – paused'

# Settings of the run.
for section in training network; do click section.$section; done
comes "sections fold" gone training.learning_rate
click section.network
comes "a section unfolds" there network.layers.more
click section.training
comes "another unfolds" there training.learning_rate
rate=$(part $(place training.learning_rate))
set -- $(place training.learning_rate)
drag $(($1 + $3 / 2)) $(($2 + $4 / 2)) $(($1 + $3 - 30)) $(($2 + $4 / 2))
point 3 3
differs "the learning rate" "$(part $(place training.learning_rate))" "$rate"
same "it does not restart the run" "$(epoch)" 10
set -- $(place data.samples)
drag $(($1 + $3 / 2)) $(($2 + $4 / 2)) $(($1 + $3 - 30)) $(($2 + $4 / 2))
comes "other samples start anew" titled 'xor-shallow – epoch 0 – paused'
boxes() {
    grep -c '^network.units' map
}
has_boxes() {
    [ "$(boxes)" = "$1" ]
}
same "three hidden layers" "$(boxes)" 3
click network.layers.more
comes "a layer more" has_boxes 4
key period
comes "it trains" epoch_is 1
click seed
key ctrl+a
xdotool type 42
there view.0.enlarge && pass || fail "digits in a field are no shortcuts"
key Return
comes "another seed starts anew" epoch_is 0
leave_field

# The keyboard alone: panel's button, experiment, restart, play.
key Tab Tab Tab Tab space
comes "Tab leads to play, Space presses it" titled '.* done'
click restart
comes "at the start again" titled '.* epoch 0 – paused'

# Another experiment, and back to the first as it was.
click experiment $(($("$saddle" list experiments | grep -n '^paraboloid ' | cut -d: -f1) - 1))
comes "another experiment" titled 'paraboloid – epoch [0-9]+ – .*'
click experiment 0
comes "and back" titled 'xor-shallow – epoch [0-9]+ – .*'
comes "as it was" has_boxes 3
comes "at its start, as it was not playing" titled 'xor-shallow – epoch 0 – paused'

# A learning rate that is too large.
set -- $(place training.learning_rate)
drag $(($1 + $3 / 2)) $(($2 + $4 / 2)) $(($1 + $3 - 2)) $(($2 + $4 / 2))
key space
comes "divergence is told" titled 'xor-shallow – epoch [0-9]+ – diverged'

key ctrl+q
ended 0

# Asked to end while data are still being read (from a pipe that nobody fills): at once.
mkfifo slow.csv
"$saddle" moons --data slow.csv 2> err &
program=$!
comes "a window" xdotool search --name saddle
kill -TERM $program
ended 130 "saddle: interrupted"
