# The pictures that must not change unnoticed: every experiment's layout and every view of it, from
# the program's own lists, and the light theme. Sourced by record.sh and check.sh. bash.

# each_picture COMMAND: calls COMMAND NAME ARGUMENTS…, where the arguments are those of saddle shot.
each_picture() {
    local command=$1 experiment view
    for experiment in $("$SADDLE" list experiments | cut -d' ' -f1); do
        "$command" "$experiment" "$experiment" --epochs 40 --size 800x500 --scale 0.7
        for view in $("$SADDLE" list views | cut -d' ' -f1); do
            "$command" "$experiment-$view" "$experiment" --epochs 40 --size 360x270 --scale 0.7 \
                --view "$view"
        done
    done
    "$command" light xor-shallow --epochs 200 --size 800x500 --scale 0.7 --theme light
    "$command" presenting paraboloid --epochs 40 --size 800x500 --scale 1.2
}
