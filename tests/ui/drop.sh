# Files dropped onto the real window: weights and experiments. $DROP is the helper that drags them.
. "$(dirname "$0")/lib.sh"
drop=${DROP:?DROP names the helper that drags files}

# dropped FILE…: the window takes them.
dropped() {
    "$drop" "$window" "$@" && pass || fail "the window does not take $*"
}

"$saddle" train xor-shallow --epochs 200 --seed 7 --quiet --weights "other run 别.npz"
"$saddle" train xor-deep --epochs 1 --quiet --weights deep.safetensors
cat > mine.json << 'END'
{"saddle": 1, "name": "mine", "data": {"kind": "xor", "samples": 100},
 "network": {"layers": [{"units": 3, "activation": "tanh"}, {"units": 1}]}}
END
head -c 60 mine.json > broken.json

start_done xor-shallow 20 || exit
key 3
comes "the landscape large" gone view.0.enlarge
for section in training network data; do click section.$section; done
comes "the landscape's section is in sight" there landscape.plane
own=$(views)

# Weights: the way to them.
dropped "other run 别.npz"
comes "they are one end of a plane" there landscape.renew
views_differ "which is seen" "$own"
between=$seen
same "the run stays where it is" "$(epoch)" 20
click landscape.renew
views_again "made anew, it is the same" "$between"

# A click there moves all weights, and can be undone.
point $(at views)
xdotool click 1
views_differ "a click moves the weights" "$between"
moved=$seen
comes "the run waits there" titled 'xor-shallow – epoch 20 – paused'
key ctrl+z
views_again "undone" "$between"
key ctrl+y
views_again "redone" "$moved"
key period
comes "it trains on from there" epoch_is 21
key ctrl+z
views_again "undone from there" "$between"

# warned: words in the colour of warnings stand in the status bar; others are bluish.
warned() {
    picture
    convert picture.png -crop 780x32+640+868 +repage -fx 'r - b > 0.3 ? 1 : 0' \
        -format '%[fx:maxima]' info: | grep -qx 1
}

# Another network's weights are refused in words.
warned && fail "there is nothing to warn of"
dropped deep.safetensors
comes "another network's weights are refused in words" warned
views_again "other weights change nothing" "$between"
click landscape.plane 0
comes "two weights again" gone landscape.renew
views_again "as before" "$own"

# Experiments.
dropped mine.json
comes "an experiment is opened" titled 'mine – epoch 0 – paused'
warned && fail "an experiment that opens warns of nothing"
dropped broken.json
comes "a broken one is refused in words" warned
titled 'mine – epoch 0 – paused' && pass || fail "the open one stays"
dropped "other run 别.npz"
comes "so are weights of another network" warned
titled 'mine – epoch 0 – paused' && pass || fail "weights of another network leave it alone"
key ctrl+q
ended 0
