#!/bin/sh
# Draws the pictures of the README and of docs/gallery.md again. Run by ./dev shots, in the project's
# folder. The same program on the same machine gives the same bytes.
set -eu
saddle=${1:?tools/shots.sh SADDLE}
most=12000000 # bytes, all together
mkdir -p docs/gallery

# picture NAME EXPERIMENT OPTIONS…
picture() {
    name=$1
    shift
    echo "docs/$name.png"
    "$saddle" shot "$@" --quiet -o "docs/$name.png"
}
# film NAME EXPERIMENT OPTIONS…
film() {
    name=$1
    shift
    echo "docs/gallery/$name.gif"
    "$saddle" record "$@" --quiet -o "docs/gallery/$name.gif"
}

for name in xor-shallow digits; do
    picture $name $name --size 1200x750 --scale 0.85
done

# A network that learns a surface; one that learns XOR; one too deep to.
set -- --size 800x360 --scale 0.8
film fit paraboloid --view mse,surface_fit --epochs 150 --every 2 --fps 12 "$@"
film fit-landscape paraboloid --view landscape,surface_fit --epochs 150 --every 4 --fps 8 "$@"
film fit-torch paraboloid --view mse,surface_fit --set network.init=torch_linear --epochs 101 \
    --cadence tutorial --fps 8 "$@"
set -- --size 800x480 --scale 0.8
film xor-layers xor-shallow --view mse,predictions,layers --every 12 --fps 9 "$@"
film xor-landscapes xor-shallow --view mse,predictions,landscapes --every 12 --fps 9 "$@"
set -- --size 800x600 --scale 0.8 --cadence tutorial --fps 8
film deep-layers xor-deep --view mse,predictions,layers "$@"
film deep-landscapes xor-deep --view mse,predictions,landscapes "$@"

picture gallery/error-surface error-surface --compare error-surface-published --view landscape \
    --size 1000x480 --scale 0.8
film error-surface error-surface --view landscape --turn 90 --fps 8 --size 560x420 --scale 0.8
film race race --view landscape,mse --every 5 --fps 12 --size 800x400 --scale 0.8
film spiral spiral --view predictions --every 20 --fps 8 --size 360x360 --scale 0.8
for name in xor-deep-xavier xor-deep-residual xor-corners moons circles gaussians plane perceptron; do
    picture gallery/$name $name --size 1000x625 --scale 0.75
done

total=$(cat docs/*.png docs/gallery/* | wc -c)
echo "$total bytes, all together"
if [ "$total" -gt "$most" ]; then
    echo "tools/shots.sh: more than the $most that the pictures may take" >&2
    exit 1
fi
