# Two runs side by side in the real window.
. "$(dirname "$0")/lib.sh"

# Two runs side by side, played together; what one shows does not change the other.
start error-surface --compare error-surface-published || exit
comes "the second one's views" there beside.view.0.enlarge
key ctrl+q
ended 0
start error-surface --compare error-surface-published --epochs 3 || exit
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

# A click on a surface moves that run's weights alone. Undo takes back what was done last, in either
# run or in both; redo does it again.
set -- $(place views)
half=$(($3 / 2))
left="$1 $2 $half $4"
right="$(($1 + $half)) $2 $half $4"
# look: what the two runs show.
look() {
    point 3 3
    seen_left=$(part $left)
    seen_right=$("$pixels" picture.png $right)
}
# shows WHAT LEFT RIGHT: both look so, if not at once then soon.
shows() {
    local tries=0
    until look && [ "$seen_left $seen_right" = "$2 $3" ] || [ $tries -ge 8 ]; do
        tries=$((tries + 1))
    done
    same "$1" "$seen_left $seen_right" "$2 $3"
}
# click_surface VIEW: in the middle of the view whose button to enlarge it is.
click_surface() {
    set -- $(place "$1") $(place views)
    point $(($1 - $7 / 4 + 20)) $((($2 + $6 + $8) / 2 + 10))
    xdotool click 1
}
look
left_start=$seen_left
right_start=$seen_right
click_surface beside.view.2.enlarge
look
right_moved=$seen_right
differs "a click moves the second one" "$right_moved" "$right_start"
same "and not the first" "$seen_left" "$left_start"
key ctrl+z
shows "undone" "$left_start" "$right_start"
key ctrl+y
shows "redone" "$left_start" "$right_moved"
click_surface view.2.enlarge
look
left_moved=$seen_left
differs "a click moves the first one" "$left_moved" "$left_start"
same "and not the second" "$seen_right" "$right_moved"
key ctrl+z
shows "the last move is undone" "$left_start" "$right_moved"
key ctrl+z
shows "then the one before, of the other run" "$left_start" "$right_start"
key ctrl+z
comes "a restart of both is undone" titled 'error-surface – epoch 1 – paused'
key ctrl+y
shows "and done again, by both" "$left_start" "$right_start"
key ctrl+y
shows "then the first move" "$left_start" "$right_moved"
key ctrl+y
shows "and the second" "$left_moved" "$right_moved"
key ctrl+q
ended 0
