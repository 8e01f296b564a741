# The real window, worked by keys and mouse as a person would. bash.
. "$(dirname "$0")/lib.sh"

start xor-shallow || exit
comes "the title" titled 'xor-shallow – epoch [0-9]+ – (running|paused)'

# Play, pause, step, restart.
titled '.* running' && key space
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
for _ in 1 2 3 4 5 6 7 8; do key bracketright; done
key space
comes "it ends by itself" titled 'xor-shallow – epoch 601 – done'

# The timeline.
set -- $(place timeline)
drag $(($1 + $3 - 6)) $(($2 + $4 / 2)) $(($1 + 2)) $(($2 + $4 / 2))
comes "the timeline leads back" titled 'xor-shallow – epoch 0 – paused'
point 1000 $(($(at timeline | cut -d" " -f2)))
xdotool click 1 # elsewhere: the slider gives the arrow keys back
key Right
comes "an epoch forward" titled 'xor-shallow – epoch 1 – paused'
key shift+Right
comes "ten epochs forward" titled 'xor-shallow – epoch 11 – paused'
key Left
comes "an epoch back" titled 'xor-shallow – epoch 10 – paused'

# A view large and small again.
key 3
comes "3 makes the landscape large" gone view.0.enlarge
there view.2.enlarge && pass || fail "the large view can be put back"
key Escape
comes "Escape shows all views" there view.0.enlarge
click view.2.enlarge
comes "its button makes it large" gone view.0.enlarge

# Any view in any place: one that is shown elsewhere changes places, another one comes anew.
key Escape
comes "all views once more" there view.0.enlarge
before=$(views)
click view.0.exchange 6
comes "the curve was exchanged" gone mse.log
differs "the weights" "$(views)" "$before"
click view.2.exchange 5
key 3
comes "all layers' landscapes stand third" there landscapes.log
key Escape
comes "all views" there view.0.enlarge
click view.2.exchange 1
click view.0.exchange 0
comes "the curve again" there mse.log
views_again "as they were" "$before"
click view.3.exchange
until_true there view.3.exchange/6
key Escape
comes "Escape closes the list" gone view.3.exchange/6
key 3
comes "the landscape large" gone view.0.enlarge

# Turn, zoom, reset.
middle=$(at views)
first=$(views)
set -- $middle
drag $1 $2 $(($1 + 90)) $(($2 + 30))
turned=$(views)
differs "dragging turns the landscape" "$turned" "$first"
point $middle
xdotool click 4 click 4
zoomed=$(views)
differs "the wheel zooms" "$zoomed" "$turned"
drag $1 $2 $(($1 + 40)) $(($2 + 50)) 2
differs "dragging with the middle button moves it" "$(views)" "$zoomed"
point $middle
xdotool click --repeat 2 --delay 40 1
reset=$(views)
differs "a double click resets it" "$reset" "$zoomed"
drag $1 $2 $(($1 - 120)) $(($2 - 20))
point $middle
xdotool click 5 click --repeat 2 --delay 40 1
views_again "whatever it was turned to" "$reset"

# From straight above, and back; a click puts the weights there, and undo takes them back.
click landscape.camera 1
differs "a map" "$(views)" "$reset"
click landscape.camera 2
side=$(views)
differs "from the side" "$side" "$reset"
click landscape.camera 3
differs "from the other side" "$(views)" "$side"
click landscape.camera 0
views_again "a body again" "$reset"
point $middle
differs "a read-out under the pointer" "$(part $(place views))" "$reset"
xdotool click 1
differs "a click on the surface moves the weights" "$(views)" "$reset"
key ctrl+z
views_again "undone" "$reset"

# It turns by itself, and stops.
click landscape.turn
point 3 3
picture
before=$("$pixels" picture.png $(place views))
turns() {
    picture
    [ "$("$pixels" picture.png $(place views))" != "$before" ]
}
comes "it turns" turns
click landscape.turn
before=$(views)
same "it stands still" "$(views)" "$before"
point $middle
xdotool click --repeat 2 --delay 40 1
views_again "as it was before it turned" "$reset"

# The ball is dragged: it says where it is, the predictions answer, and one step of undo is enough.
# A click brings it under the pointer.
key Escape
comes "the predictions beside it" there view.0.enlarge
calm=$(views)
set -- $(place view.2.enlarge)
ball="$(($1 - 300)) $(($2 + 260))"
point $ball
xdotool click 1
moved=$(views)
differs "a click moves the weights" "$moved" "$calm"
set -- $(place view.1.enlarge)
predictions="$(($1 - 320)) $(($2 + 40)) 300 150"
set -- $ball
beside="$(($1 + 60)) $(($2 - 120)) 120 100"
there_now=$(part $predictions)
nothing=$(part $beside)
point $ball
xdotool mousedown 1
point $(($1 + 20)) $(($2 - 20))
point $(($1 + 50)) $(($2 - 30))
differs "the predictions follow the ball" "$(part $predictions)" "$there_now"
differs "the ball says where it is" "$(part $beside)" "$nothing"
xdotool mouseup 1
differs "the ball stays there" "$(views)" "$moved"
key ctrl+z
views_again "the drag is undone" "$moved"
key ctrl+z
views_again "and the click" "$calm"
key 3
comes "the landscape large again" gone view.0.enlarge
views_again "as it was" "$reset"

# Other weights. The panel is long: what lies before them folds away.
click section.training
click section.network
click landscape.arrows
differs "the ways down" "$(views)" "$reset"
click landscape.arrows
views_again "without them" "$reset"
click landscape.log
differs "a logarithmic axis" "$(views)" "$reset"
click landscape.log
views_again "a linear one" "$reset"
click landscape.wider
wider=$(views)
differs "larger ranges" "$wider" "$reset"
click landscape.narrower
differs "smaller ones" "$(views)" "$wider"
before=$(views)
click landscape.fit
differs "ranges that fit the path" "$(views)" "$before"
click landscape.b.layer 0
differs "a weight chosen from the menus" "$(views)" "$reset"

# Planes on which all weights move, and the surface as it was.
before=$(views)
for plane in 1 2 3 4; do
    click landscape.plane $plane
    comes "plane $plane" there landscape.renew
    sleep 0.3
    now=$(views)
    differs "plane $plane is another one" "$now" "$before"
    before=$now
done
click landscape.renew
click landscape.plane 0
comes "two weights again" gone landscape.renew
click landscape.steepest
click landscape.moved
sleep 0.3
before=$(views)
click landscape.past
comes "a slider of epochs" there landscape.past.epoch
set -- $(place landscape.past.epoch)
drag $(($1 + $3 - 6)) $(($2 + $4 / 2)) $(($1 + 2)) $(($2 + $4 / 2))
sleep 0.3
differs "the surface as it was" "$(views)" "$before"
click landscape.past
comes "the present one" gone landscape.past.epoch
key Escape
comes "all views" there view.0.enlarge

# All layers' landscapes: they follow training, turn together and say what is under the pointer.
key 5
comes "the landscapes of all layers" gone view.0.enlarge
layers=$(views)
key period
comes "a step" epoch_is 11
differs "they follow training" "$(views)" "$layers"
key Left
comes "and back" epoch_is 10
views_again "as they were" "$layers"
set -- $(place views)
point $(($1 + $3 / 4)) $(($2 + $4 / 4))
differs "a read-out on one of them" "$(part $(place views))" "$layers"
drag $(($1 + $3 / 4)) $(($2 + $4 / 3)) $(($1 + $3 / 4 + 60)) $(($2 + $4 / 3 + 20))
differs "they are turned" "$(views)" "$layers"
point $(($1 + $3 / 4)) $(($2 + $4 / 3))
xdotool click --repeat 2 --delay 40 1
views_again "and reset" "$layers"
click landscapes.log
differs "on a logarithmic axis" "$(views)" "$layers"
click landscapes.log
views_again "on a linear one" "$layers"
key Escape

# Settings of the run.
comes "all views again" there view.0.enlarge
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
point 1000 $(($(at timeline | cut -d" " -f2)))
xdotool click 1

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

# Sizes: the panel folds in a small window, and the picture is as large as the window.
for size in '1280 720' '900 600' '640 480'; do
    xdotool windowsize "$window" $size
    is_size() {
        picture
        [ "$("$pixels" picture.png | cut -d' ' -f1)" = "${size/ /x}" ]
    }
    comes "$size" is_size
done
comes "the panel folds" gone data.kind
click panel
comes "and unfolds" there data.kind
xdotool windowsize "$window" 1440 900
comes "a large window again" views_sized '1136 800'

# Text size.
key ctrl+plus
larger() {
    [ "$(place theme | cut -d' ' -f4)" -gt 28 ]
}
comes "larger text" larger
key ctrl+0
comes "text as designed" views_sized '1136 800'
key F5
comes "presenting" gone data.kind
key F5
comes "no longer presenting" views_sized '1136 800'

# Help, theme.
before=$(views)
key question
differs "the page of keys" "$(views)" "$before"
key Escape
views_again "any key closes it" "$before"
click theme
differs "the other theme" "$(views)" "$before"

# A learning rate that is too large.
set -- $(place training.learning_rate)
drag $(($1 + $3 / 2)) $(($2 + $4 / 2)) $(($1 + $3 - 2)) $(($2 + $4 / 2))
key space
comes "divergence is told" titled 'xor-shallow – epoch [0-9]+ – diverged'

key ctrl+q
ended 0
grep -q '^theme = light$' config/saddle/settings.ini && pass || fail "the theme is remembered"

# A file of one's own, the remembered theme, and a broken settings file.
cat > mine.json << 'END'
{"saddle": 1, "name": "mine", "data": {"kind": "xor", "samples": 100},
 "network": {"layers": [{"units": 3, "activation": "tanh"}, {"units": 1}]},
 "training": {"epochs": 5}, "layout": [["landscape"]]}
END
echo 'reduced_motion = 1' >> config/saddle/settings.ini
echo 'theme = pink' >> config/saddle/settings.ini
start mine.json --theme light || exit
comes "a file of one's own" titled 'mine – epoch [0-9]+ – .*'
comes "its landscape" there landscape.camera
gone landscape.turn && pass || fail "what moves by itself is not offered where motion is reduced"
titled '.* running' || { titled '.* done' || key space; }
comes "done" titled 'mine – epoch 5 – done'
# The switch for it.
for section in training network data; do click section.$section; done
comes "they fold" gone data.kind
click section.window
click window.reduced_motion
comes "it may turn by itself" there landscape.turn
click window.reduced_motion
comes "no longer" gone landscape.turn
click window.reduced_motion
comes "it may again" there landscape.turn
key ctrl+q
wait "$program"
same "exit code" $? 0
grep -q '^reduced_motion = 0$' config/saddle/settings.ini && pass || fail "motion is remembered"
grep -q 'settings.ini: line .* ignored' err && pass || fail "a broken settings file is named: $(cat err)"
same "in one line" "$(wc -l < err)" 1

# It can be left while it loads much.
start xor-shallow || exit
click experiment $(($("$saddle" list experiments | grep -n '^digits ' | cut -d: -f1) - 1))
key ctrl+q
ended 0

# A race: its rivals in the panel, and a new start by a click. What lies before it folds away.
start race --theme dark || exit
titled '.* running' && key space
comes "paused" titled '.* paused'
key Home
comes "at the start" titled 'race – epoch 0 – paused'
for section in training network data; do click section.$section; done
has_rivals() {
    [ "$(grep -c '^race\.[0-9]*\.kind ' map)" = "$1" ]
}
comes "three rivals" has_rivals 3
three=$(views)
click race.add
comes "a fourth" has_rivals 4
differs "is in the legend" "$(views)" "$three"
click race.3.remove
comes "and out again" has_rivals 3
views_again "as before" "$three"
click race.0.kind 4
differs "another optimizer" "$(views)" "$three"
click race.on
comes "no race" gone race.0.kind
click race.on
comes "the same race again" has_rivals 3
key period
comes "all make a step" titled 'race – epoch 1 – paused'
key 3
comes "the landscape large" gone view.0.enlarge
stepped=$(views)
set -- $(at views)
point "$1" "$2"
xdotool click 1
comes "a click starts a race from there" titled 'race – epoch 0 – paused'
differs "from there" "$(views)" "$stepped"
key ctrl+z
comes "undone" titled 'race – epoch 1 – paused'
views_again "all are where they were" "$stepped"
key ctrl+q
ended 0

# Two runs side by side, played together; what one shows does not change the other.
start error-surface --compare error-surface-published || exit
comes "the second one's views" there beside.view.0.enlarge
key ctrl+q
ended 0
start error-surface --compare error-surface-published --epochs 3 || exit
titled '.* done' || key space
comes "both are done" titled 'error-surface – epoch 3 – done'
key Home
comes "both at the start" titled 'error-surface – epoch 0 – paused'
both=$(views)
key period
comes "a step of both" titled 'error-surface – epoch 1 – paused'
differs "is seen" "$(views)" "$both"
key Home
comes "back" titled 'error-surface – epoch 0 – paused'
views_again "as before" "$both"
click beside.mse.log
differs "a switch of the second one's" "$(views)" "$both"
click beside.mse.log
views_again "is its own" "$both"
key ctrl+q
ended 0

# No display.
(unset DISPLAY; "$saddle" xor-shallow > out 2> err)
same "exit code without a display" $? 3
same "one line" "$(wc -l < err)" 1
grep -q '^saddle: ' err && pass || fail "the message: $(cat err)"
