# Views in the real window: large and small again, in other places, and all layers' landscapes.
. "$(dirname "$0")/lib.sh"

start_done xor-shallow 10 || exit

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
key ctrl+q
ended 0
