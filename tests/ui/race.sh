# A race in the real window.
. "$(dirname "$0")/lib.sh"

# A race: its rivals in the panel, and a new start by a click. What lies before it folds away.
start race --theme dark || exit
comes "it plays" titled '.* running'
key space
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
