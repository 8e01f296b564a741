# The command line as such: help, version, lists, and whatever is wrong with options.
. "$(dirname "$0")/lib.sh"

works "help" "$saddle" --help
for name in train data predict landscape gradcheck sweep shot record list bench; do
    holds "help names $name" grep -q "^  saddle $name " out
done
for name in train data predict landscape gradcheck sweep shot record list bench; do
    works "$name --help" "$saddle" $name --help
    holds "$name --help shows its usage" grep -q "^saddle $name " out
    holds "$name --help explains --help" grep -q -e "--help" out
    refuses 2 "--nonsense.*saddle $name --help" "$saddle" $name --nonsense
    refuses 2 "-Z.*saddle $name --help" "$saddle" $name -Z
done
holds "no line of help is longer than 100" "$saddle" landscape --help
if [ "$("$saddle" --help | awk 'length > 100' | wc -l)" = 0 ]; then pass; else fail "long lines"; fi
works "version" "$saddle" --version
holds "version is a number" grep -Eq '^saddle [0-9]+\.[0-9]+\.[0-9]+$' out

refuses 2 'nonsense: no such subcommand or experiment' "$saddle" nonsense
refuses 2 '--nonsense: no such option' "$saddle" --nonsense
refuses 2 'a subcommand comes first' "$saddle" --seed 1 train
for name in train data predict landscape sweep shot; do
    if [ $name = predict ]; then set -- --points x.csv; else set -- ; fi
    if [ $name = shot ]; then set -- -o x.png; fi
    refuses 2 "needs EXPERIMENT" "$saddle" $name
    refuses 2 'one argument too many' "$saddle" $name xor-shallow xor-deep
    refuses 1 'nonsense' "$saddle" $name nonsense "$@"
    refuses 1 'missing.json' "$saddle" $name missing.json "$@"
    refuses 2 'needs a value' "$saddle" $name xor-shallow --seed
    for value in '' -1 1.5 x 1x ' 1' 9223372036854775808 0x10; do
        refuses 2 '--seed.*must be' "$saddle" $name xor-shallow "--seed=$value"
    done
    for value in '' -1 1e3 1000000001 ten; do
        refuses 2 '--epochs.*must be' "$saddle" $name xor-shallow "--epochs=$value"
    done
    refuses 2 '--set .*must be KEY=VALUE' "$saddle" $name xor-shallow --set seed
    refuses 2 'nonsense' "$saddle" $name xor-shallow --set nonsense=1 "$@"
    refuses 2 'training.nonsense' "$saddle" $name xor-shallow --set training.nonsense=1 "$@"
    refuses 2 'learning_rate' "$saddle" $name xor-shallow \
        --set training.optimizer.learning_rate=fast "$@"
    refuses 2 'batch_size' "$saddle" $name xor-shallow --set training.batch_size=-1 "$@"
    refuses 2 'activation' "$saddle" $name xor-shallow --set network.layers.0.activation=cosh "$@"
    refuses 2 'layers' "$saddle" $name xor-shallow --set network.layers.9.activation=tanh "$@"
done
refuses 2 '--quiet: takes no value' "$saddle" train xor-shallow --quiet=yes
refuses 2 '--relative: takes no value' "$saddle" landscape xor-shallow --relative=yes

# Lists: each entry of a kind is a name, a space, and words.
works "list" "$saddle" list
kinds=$(cut -d' ' -f1 out | tr '\n' ' ')
same "kinds" "$kinds" \
    "experiments datasets activations initialisers losses optimizers schedules norms views "
for kind in $kinds; do
    works "list $kind" "$saddle" list "$kind"
    holds "list $kind has entries" test -s out
    if grep -Evq '^[a-z][a-z0-9_-]* [^ ].*$' out; then fail "list $kind: a line's form"; else pass; fi
done
refuses 2 'nonsense: no such kind; there are experiments, ' "$saddle" list nonsense
refuses 2 'one argument too many' "$saddle" list views losses
for name in paraboloid xor-shallow xor-deep xor-deep-xavier xor-deep-residual error-surface \
    error-surface-published xor-corners circles moons digits perceptron spiral gaussians plane \
    race; do
    holds "list experiments has $name" sh -c "'$saddle' list experiments | grep -q '^$name '"
done
# Every name works where it belongs, and is refused in one line where it does not.
run=(train xor-shallow --epochs 1 --quiet)
for name in $("$saddle" list activations | cut -d' ' -f1); do
    case $name in
    softmax)
        refuses 2 'layers.0.activation: softmax is for the last layer' "$saddle" "${run[@]}" \
            --set "network.layers.0.activation=$name"
        works "activation $name" "$saddle" "${run[@]}" --set training.loss=cross_entropy \
            --set "network.layers.3.activation=$name"
        ;;
    step)
        refuses 2 'step has no slope.*set training.optimizer.kind to perceptron' \
            "$saddle" "${run[@]}" --set "network.layers.0.activation=$name"
        ;;
    *) works "activation $name" "$saddle" "${run[@]}" --set "network.layers.0.activation=$name" ;;
    esac
done
for name in $("$saddle" list optimizers | cut -d' ' -f1); do
    if [ $name = perceptron ]; then
        refuses 2 'optimizer.kind: perceptron trains a single layer' "$saddle" "${run[@]}" \
            --set "training.optimizer.kind=$name"
    else
        works "optimizer $name" "$saddle" "${run[@]}" --set "training.optimizer.kind=$name"
    fi
done
for name in $("$saddle" list losses | cut -d' ' -f1); do
    case $name in
    bce) last=sigmoid ;;
    cross_entropy) last=softmax ;;
    *) last=linear ;;
    esac
    works "loss $name" "$saddle" "${run[@]}" --set "training.loss=$name" \
        --set "network.layers.3.activation=$last"
done
for name in $("$saddle" list schedules | cut -d' ' -f1); do
    works "schedule $name" "$saddle" "${run[@]}" --set "training.schedule.kind=$name"
done
for name in $("$saddle" list norms | cut -d' ' -f1); do
    works "norm $name" "$saddle" "${run[@]}" --set "network.layers.*.norm=$name" \
        --set training.batch_size=10
done
refuses 2 '--set network.layers.0.norm: batch norm needs batches' "$saddle" "${run[@]}" \
    --set 'network.layers.*.norm=batch'
refuses 2 'training.loss: bce needs outputs between 0 and 1' "$saddle" "${run[@]}" \
    --set training.loss=bce
refuses 2 'layers.3.residual: needs as many units as inputs' "$saddle" "${run[@]}" \
    --set network.layers.3.residual=true
refuses 2 'dropout: 1 is out of range \[0, 1\)' "$saddle" "${run[@]}" \
    --set network.layers.0.dropout=1
for name in $("$saddle" list initialisers | cut -d' ' -f1); do
    works "initialiser $name" "$saddle" train xor-shallow --epochs 1 --quiet \
        --set "network.init=$name"
done
for name in $("$saddle" list experiments | cut -d' ' -f1); do
    own=()
    [ $name = digits ] && own=(--set data.file="$(dirname "$0")/../fixtures/digits")
    works "experiment $name" "$saddle" train "$name" --epochs 1 --quiet "${own[@]}"
    if [ -s out ]; then fail "--quiet prints something"; else pass; fi
done

# Experiment files.
cat > good.json << 'END'
{"saddle": 1, "name": "mine", "data": {"kind": "xor", "samples": 40},
 "network": {"layers": [{"units": 3, "activation": "tanh"}, {"units": 1}]}}
END
works "an experiment of one's own" "$saddle" train good.json --epochs 2
holds "its name is said" grep -q '^mine: epoch 2' out
echo '{"saddle": 1, "data": {"kind": "xor"},' > broken.json
refuses 1 'broken.json: line [0-9]+, column [0-9]+' "$saddle" train broken.json
echo '{"saddle": 1, "data": {"kind": "xor"}, "network": {"layers": [{"units": 1}]}, "colour": 1}' \
    > key.json
refuses 1 'key.json.*colour' "$saddle" train key.json
echo '{"saddle": 1, "data": {"kind": "xor"}, "network": {"layers": [{"units": "one"}]}}' > type.json
refuses 1 'type.json.*network.layers.0.units' "$saddle" train type.json
echo '{"saddle": 1, "data": {"kind": "xor"}, "network": {"layers": [{"units": 0}]}}' > range.json
refuses 1 'range.json.*network.layers.0.units' "$saddle" train range.json
cat > misfit.json << 'END'
{"saddle": 1, "name": "misfit", "data": {"kind": "xor"}, "network": {"layers": [{"units": 3}]}}
END
refuses 1 '^saddle: misfit.json: network.layers.0.units' "$saddle" train misfit.json
cat > noview.json << 'END'
{"saddle": 1, "name": "noview", "data": {"kind": "xor"}, "network": {"layers": [{"units": 1}]},
 "training": {"epochs": 0}, "layout": [["nosuch"]]}
END
refuses 1 '^saddle: noview.json: layout' "$saddle" shot noview.json -o noview.png
echo '{"data": {"kind": "xor"}, "network": {"layers": [{"units": 1}]}}' > version.json
refuses 1 'version.json.*saddle' "$saddle" train version.json
echo '{"saddle": 1, "network": {"layers": [{"units": 1}]}}' > nodata.json
refuses 1 'nodata.json.*data' "$saddle" train nodata.json
head -c 3000 /dev/urandom > noise.json
refuses 1 'noise.json' "$saddle" train noise.json
mkdir folder.json
refuses 1 'folder.json' "$saddle" train folder.json

# bench
refuses 2 'nonsense: no such job; there are train-paraboloid, ' "$saddle" bench nonsense
works "bench" "$saddle" bench train-paraboloid landscape-output
same "a line a job" "$(wc -l < out)" 2
for key in job seconds rate unit; do
    same "bench says $key" "$(grep -c "^{.*\"$key\": .*}\$" out)" 2
done

# A window without a display.
refuses 3 '.' env -u DISPLAY -u WAYLAND_DISPLAY "$saddle"
refuses 3 '.' env -u DISPLAY -u WAYLAND_DISPLAY "$saddle" xor-deep --theme light
refuses 2 '--theme pink: must be' "$saddle" --theme pink
refuses 1 'missing.json' "$saddle" missing.json
