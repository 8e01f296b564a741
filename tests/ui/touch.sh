# The loss landscape in the real window, touched: a click, a drag of the ball, and what undoes them.
. "$(dirname "$0")/lib.sh"

start_done xor-shallow 10 || exit

# The ball is dragged: it says where it is, the predictions answer, and one step of undo is enough.
# A click brings it under the pointer.
key 3
comes "the landscape large" gone view.0.enlarge
large=$(views)
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
views_again "as it was" "$large"

key ctrl+q
ended 0
