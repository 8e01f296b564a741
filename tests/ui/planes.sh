# Planes in the real window: other weights, other directions, other ranges, the surface as it was.
. "$(dirname "$0")/lib.sh"

start_done xor-shallow 10 || exit
key 3
comes "the landscape large" gone view.0.enlarge
reset=$(views)

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
    views_differ "plane $plane is another one" "$before"
    before=$seen
done
click landscape.renew
click landscape.plane 0
comes "two weights again" gone landscape.renew
click landscape.steepest
click landscape.moved
views_differ "two other weights" "$before"
before=$seen
click landscape.past
comes "a slider of epochs" there landscape.past.epoch
set -- $(place landscape.past.epoch)
drag $(($1 + $3 - 6)) $(($2 + $4 / 2)) $(($1 + 2)) $(($2 + $4 / 2))
views_differ "the surface as it was" "$before"
click landscape.past
comes "the present one" gone landscape.past.epoch
key Escape
comes "all views" there view.0.enlarge

key ctrl+q
ended 0
