# The loss landscape in the real window, seen from elsewhere: turned, from near, from above, by itself.
. "$(dirname "$0")/lib.sh"

start_done xor-shallow 10 || exit
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

key ctrl+q
ended 0
