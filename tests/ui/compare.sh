# Two runs side by side in the real window.
. "$(dirname "$0")/lib.sh"

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
