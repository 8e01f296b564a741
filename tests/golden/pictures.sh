# The pictures that must not change unnoticed: every experiment's layout, from the program's own
# list, every view of some experiments that show it from different sides, the light theme, and
# large text; and the bars and the side panel around them. Sourced by record.sh and check.sh. bash.

# Which views of which experiments: all of the first ones, of the others where they differ.
views_of() {
    case $1 in
    xor-shallow | paraboloid | error-surface | digits) "$SADDLE" list views | cut -d' ' -f1 ;;
    xor-deep | xor-deep-xavier) echo mse landscape layers landscapes ;;
    xor-deep-residual | circles) echo layers ;;
    perceptron | spiral) echo predictions ;;
    race) echo mse landscape ;;
    esac
}

# The epochs, and what else makes a picture quick.
training_of() {
    case $1 in
    digits) echo --epochs 4 --set data.samples=6000 ;;
    spiral | xor-corners | moons) echo --epochs 400 ;;
    race) echo --epochs 150 ;;
    *) echo --epochs 40 ;;
    esac
}

# each_chrome COMMAND: calls COMMAND NAME KIND ARGUMENTS…, as draw_chrome takes them but for the file.
each_chrome() {
    local command=$1 size=0.7
    "$command" bars bars dark en $size 40 xor-shallow
    "$command" bars-light bars light zh_CN $size 20 race
    "$command" panel panel dark en $size 40 xor-shallow
    "$command" panel-deep panel light en $size 40 xor-deep landscape.plane=pca
    "$command" panel-hessian panel dark zh_CN $size 40 xor-shallow landscape.plane=hessian
    "$command" panel-norm panel dark en $size 20 xor-shallow landscape.plane=between \
        training.batch_size=16 network.layers.1.norm=batch
    "$command" panel-race panel dark en $size 20 race
    "$command" panel-digits panel light zh_CN $size 1 digits data.samples=6000
    "$command" panel-compared panel light en $size 20 +error-surface
}

# each_picture COMMAND: calls COMMAND NAME ARGUMENTS…, where the arguments are those of saddle shot.
each_picture() {
    local command=$1 experiment view training
    for experiment in $("$SADDLE" list experiments | cut -d' ' -f1); do
        read -ra training < <(training_of "$experiment")
        "$command" "$experiment" "$experiment" "${training[@]}" --size 800x500 --scale 0.7
        for view in $(views_of "$experiment"); do
            "$command" "$experiment-$view" "$experiment" "${training[@]}" --size 360x270 \
                --scale 0.7 --view "$view"
        done
    done
    "$command" light xor-shallow --epochs 200 --size 800x500 --scale 0.7 --theme light
    "$command" light-digits digits --epochs 4 --set data.samples=6000 --size 800x500 --scale 0.7 \
        --theme light --lang zh_CN
    "$command" light-race race --size 800x500 --scale 0.7 --theme light --lang zh_CN
    "$command" landscape-map error-surface --epochs 20 --size 360x270 --scale 0.7 \
        --view landscape --set landscape.camera=top
    # The legend beside the map, and on it.
    "$command" race-map race --epochs 40 --size 560x270 --scale 0.7 --view landscape \
        --set landscape.camera=top
    "$command" race-map-narrow race --epochs 40 --size 360x270 --scale 0.7 --view landscape \
        --set landscape.camera=top
    "$command" landscape-arrows-light xor-shallow --epochs 160 --size 360x270 --scale 0.7 \
        --view landscape --set landscape.arrows=true --theme light
    "$command" landscape-arrows paraboloid --epochs 40 --size 360x270 --scale 0.7 \
        --view landscape --set landscape.camera=top --set landscape.arrows=true --theme light
    "$command" landscape-stems xor-deep-xavier --epochs 200 --size 360x270 --scale 0.7 \
        --view landscape
    for plane in random pca hessian between; do
        "$command" landscape-$plane xor-shallow --epochs 160 --size 360x270 --scale 0.7 \
            --view landscape --set landscape.plane=$plane
    done
    # Figures: their keys, a bar of colours, and bold Chinese.
    "$command" figure-classes moons --epochs 400 --view predictions --figure --width 90 --dpi 100
    "$command" figure-field paraboloid --epochs 40 --view predictions --figure --width 60 --dpi 110
    "$command" figure-curve error-surface --epochs 20 --view predictions --figure --width 60 --dpi 110
    "$command" figure-images digits --epochs 4 --set data.samples=6000 --view predictions --figure \
        --width 60 --dpi 110
    "$command" figure-layers paraboloid --epochs 40 --view layers --figure --width 85 --dpi 100
    "$command" figure-layers-classes digits --epochs 4 --set data.samples=6000 --view layers \
        --figure --width 85 --dpi 100
    "$command" figure-weights xor-shallow --epochs 40 --view weights --figure --width 85 --dpi 100
    "$command" figure-landscapes xor-shallow --epochs 40 --view landscapes --figure --width 85 \
        --dpi 100 --lang zh_CN
    "$command" figure-confusion digits --epochs 4 --set data.samples=6000 --view confusion --figure \
        --width 85 --dpi 100
    "$command" figure-map digits --epochs 4 --set data.samples=6000 --view landscape --figure \
        --width 60 --dpi 110 --set landscape.camera=top
    "$command" compare error-surface --epochs 25 --compare error-surface-published --size 800x500 \
        --scale 0.7
    "$command" presenting paraboloid --epochs 40 --size 800x500 --scale 1.2
}
