# saddle shot: pictures of the asked size and kind, the same bytes each time, no display needed.
. "$(dirname "$0")/lib.sh"
unset DISPLAY WAYLAND_DISPLAY

# The width and height in a PNG's header.
size_of() {
    od -An -tu1 -j16 -N8 "$1" | awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 "x" \
                                             (($5 * 256 + $6) * 256 + $7) * 256 + $8 }'
}

works "a shot" "$saddle" shot xor-shallow --epochs 5 -o a.png
same "of the layout's default size" "$(size_of a.png)" 1440x900
works "again" "$saddle" shot xor-shallow --epochs 5 -o b.png
holds "the same bytes" cmp a.png b.png
works "to standard output" "$saddle" shot xor-shallow --epochs 5 -o -
for view in $("$saddle" list views | cut -d' ' -f1); do
    works "view $view" "$saddle" shot xor-shallow --epochs 5 --view "$view" -o "$view.png"
    same "of a view's default size" "$(size_of "$view.png")" 960x720
    works "view $view again" "$saddle" shot xor-shallow --epochs 5 --view "$view" -o again.png
    holds "the same bytes" cmp "$view.png" again.png
done
# Every experiment; every view of one of each kind of data: a curve, a grid, images, classes, a step.
for name in $("$saddle" list experiments | cut -d' ' -f1); do
    less=()
    views=
    case $name in
    digits) less=(--set data.samples=600) ;&
    error-surface | paraboloid | circles | perceptron)
        views=$("$saddle" list views | cut -d' ' -f1)
        "$saddle" train "$name" "${less[@]}" --epochs 2 --weights n.npz --quiet
        ;;
    esac
    for view in $views; do
        works "$view of $name" "$saddle" shot "$name" "${less[@]}" --weights n.npz --view "$view" \
            --size 200x150 -o v.png
    done
    works "$name" "$saddle" shot "$name" "${less[@]}" --epochs 2 --size 640x480 -o e.png
done
works "a size" "$saddle" shot xor-shallow --epochs 1 --size 320x240 -o s.png
same "is that size" "$(size_of s.png)" 320x240
works "the smallest" "$saddle" shot xor-shallow --epochs 1 --size 64x64 -o s.png
same "is 64x64" "$(size_of s.png)" 64x64
small=(--epochs 1 --view mse --size 320x240)
works "dark" "$saddle" shot xor-shallow "${small[@]}" --theme dark -o dark.png
works "light" "$saddle" shot xor-shallow "${small[@]}" --theme light -o light.png
if cmp -s dark.png light.png; then fail "both themes look the same"; else pass; fi
works "larger text" "$saddle" shot xor-shallow "${small[@]}" --scale 1.6 -o scaled.png
if cmp -s dark.png scaled.png; then fail "--scale changes nothing"; else pass; fi
works "Chinese" "$saddle" shot xor-shallow "${small[@]}" --lang zh_CN -o zh.png
works "other epochs" "$saddle" shot xor-shallow --epochs 9 -o other.png
if cmp -s a.png other.png; then fail "other epochs, the same picture"; else pass; fi

# A race, and two runs side by side.
works "a race" "$saddle" shot race --epochs 20 -o race.png
works "without its last rival's rate" "$saddle" shot race --epochs 20 \
    --set race.2.learning_rate=0.001 -o slower.png
if cmp -s race.png slower.png; then fail "a rival is not to be seen"; else pass; fi
works "two runs" "$saddle" shot error-surface --epochs 3 --compare error-surface-published -o two.png
works "one of them" "$saddle" shot error-surface --epochs 3 -o one.png
if cmp -s two.png one.png; then fail "--compare changes nothing"; else pass; fi
same "as large" "$(size_of two.png)" "$(size_of one.png)"
refuses 1 '^saddle: nonsense: no such experiment' "$saddle" shot race --compare nonsense -o x.png

# Weights from a file need no training.
works "weights" "$saddle" train xor-shallow --epochs 5 --weights w.npz
works "a shot of weights" "$saddle" shot xor-shallow --weights w.npz --view predictions -o w.png
# Divergence is shown, not hidden.
"$saddle" shot xor-shallow --epochs 20 --set training.optimizer.learning_rate=1000 \
    --set network.layers.0.activation=linear --set network.layers.1.activation=linear \
    --set network.layers.2.activation=linear -o diverged.png 2> err
same "a shot of divergence" $? 0
holds "says so" grep -q 'diverged' err

ids=$("$saddle" list views | cut -d' ' -f1 | paste -sd, | sed 's/,/, /g')
refuses 2 "--view nonsense: no such view; there are $ids" "$saddle" shot xor-shallow \
    --view nonsense -o x.png
refuses 2 'needs -o FILE' "$saddle" shot xor-shallow
for size in '' 63x64 64x63 16385x100 100 axb 100x 100x100x1; do
    refuses 2 '--size' "$saddle" shot xor-shallow "--size=$size" -o x.png
done
refuses 2 '--theme pink: must be dark or light' "$saddle" shot xor-shallow --theme pink -o x.png
refuses 2 '--lang fr: must be en or zh_CN' "$saddle" shot xor-shallow --lang fr -o x.png
for scale in '' 0 -1 9 nan 0x2 big; do
    refuses 2 '--scale' "$saddle" shot xor-shallow "--scale=$scale" -o x.png
done
refuses 1 'nowhere' "$saddle" shot xor-shallow --epochs 1000000000 -o nowhere/x.png
refuses 1 '/dev/full' "$saddle" shot xor-shallow --epochs 0 --size 64x64 -o /dev/full
(ulimit -f 2 && "$saddle" shot xor-shallow --epochs 1 -o big.png 2> err)
same "a picture too large for the disk" $? 1
holds "leaves nothing" test -z "$(find . -name 'big*')"
# No OpenGL 3.3.
refuses 3 '.' env MESA_GL_VERSION_OVERRIDE=3.1 LIBGL_ALWAYS_SOFTWARE=1 "$saddle" shot xor-shallow \
    --epochs 0 -o x.png
