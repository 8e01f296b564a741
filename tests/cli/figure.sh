# saddle shot --figure: every view as PNG, SVG and PDF. SVG is well-formed and looks like the PNG when
# another program draws it; text can be found in both vector files; fonts are embedded.
. "$(dirname "$0")/lib.sh"
unset DISPLAY WAYLAND_DISPLAY
export OMP_NUM_THREADS=1 # ImageMagick's threads wait for each other, busily

# size_of PNG: WIDTHxHEIGHT.
size_of() { identify -format '%wx%h' "$1"; }

# distance A B: the root of the mean squared difference of two pictures, 0 to 1.
distance() { compare -metric RMSE "$1" "$2" null: 2>&1 | sed 's/.*(\(.*\))/\1/'; }

# drawn FINE PNG: how far a picture drawn finely is from one, made as small.
drawn() {
    convert "$1" -filter box -resize "$size!" "$2" -metric RMSE -compare -format '%[distortion]' info:
}

# below WHAT A B: a number is below another.
below() {
    if awk -v a="$2" -v b="$3" 'BEGIN { exit !(a != "" && a + 0 < b + 0) }'; then
        pass
    else
        fail "$1: $2 is not below $3"
    fi
}

# words SVG: what is written in it, a text a line.
words() {
    python3 -c '
import sys, xml.etree.ElementTree as tree
for text in tree.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}text"):
    print("".join(text.itertext()))' "$1"
}

# One of each kind of data: classes over a plane, a grid, images, one input; and a race.
for name in xor-shallow paraboloid digits error-surface race; do
    less=()
    [ $name = digits ] && less=(--set data.samples=600)
    views=$("$saddle" list views | cut -d' ' -f1)
    # What the first has shown already: a curve, weights, and that there is nothing to be shown.
    case $name in
    paraboloid) views=$(grep -vx 'mse\|weights' <<< "$views") ;;
    digits) views=$(grep -vx 'mse\|surface_fit' <<< "$views") ;;
    error-surface) views=$(grep -vx 'mse\|weights\|surface_fit\|confusion' <<< "$views") ;;
    race) views='mse landscape' ;;
    esac
    "$saddle" train $name "${less[@]}" --epochs 20 --weights n.npz --quiet
    for view in $views; do
        shot=("$saddle" shot $name "${less[@]}" --weights n.npz --view "$view" --figure --width 80
            --dpi 120)
        works "$view of $name as PNG" "${shot[@]}" -o f.png
        works "as SVG" "${shot[@]}" -o f.svg
        works "as PDF" "${shot[@]}" -o f.pdf
        size=$(size_of f.png)
        same "$view of $name: its width" "${size%x*}" 378
        words f.svg > words 2> /dev/null || fail "$view of $name: the SVG is not well-formed"
        holds "$view of $name: SVG has text" test -s words
        if grep -qP '[^\x00-\x7F]{20}' words; then fail "$view of $name: odd text"; else pass; fi
        # Drawn finely and made smaller, as the PNG was: where other programs smooth edges in
        # another way it tells less then. (Three times as large, some PDFs come out one line higher.)
        w=${size%x*} h=${size#*x}
        holds "rsvg-convert" rsvg-convert -w $((3 * w)) -h $((3 * h)) f.svg -o fine.png
        below "$view of $name: SVG against PNG" "$(drawn fine.png f.png)" 0.045
        holds "pdftocairo" pdftocairo -tiff -tiffcompression none -singlefile \
            -scale-to-x $((4 * w)) -scale-to-y $((4 * h)) f.pdf fine
        below "$view of $name: PDF against PNG" "$(drawn fine.tif f.png)" 0.03
        # Every word of the SVG that lies level is in the PDF.
        pdftotext -raw f.pdf text
        first=$(grep -m1 . words | tr -s ' ') # wide gaps are not characters there
        if [ -n "$first" ] && ! grep -qF "$first" text; then
            fail "$view of $name: \"$first\" is not in the PDF's text"
        else
            pass
        fi
        if pdffonts f.pdf | awk 'NR > 2 && $(NF - 4) != "yes" { bad = 1 } END { exit !bad }'; then
            fail "$view of $name: a font is not embedded"
        else
            pass
        fi
    done
done

# What a curve says.
curve=("$saddle" shot xor-shallow --epochs 30 --view mse --figure)
works "a curve" "${curve[@]}" -o a.svg
holds "its axes are named" grep -q '>MSE</text>' a.svg
holds "both" grep -q '>epoch</text>' a.svg
same "no picture in it" "$(grep -c '<image' a.svg)" 0
works "as PDF" "${curve[@]}" -o a.pdf
same "nothing but lines and text" "$(pdfimages -list a.pdf | wc -l)" 2
pdfinfo a.pdf > info
holds "a title" grep -q '^Title: *xor-shallow – Loss' info
holds "its maker" grep -q '^Creator: *saddle [0-9]' info
same "no date" "$(grep -c 'Date' info)" 0
same "one page" "$(awk '/^Pages/ { print $2 }' info)" 1
holds "of 120 by 75 mm" grep -Eq '^Page size: *340\.15[67] x 212\.68[78]' info # 1417 by 886 pixels
for type in png svg pdf; do
    works "$type" "${curve[@]}" -o "a.$type"
    works "$type again" "${curve[@]}" -o "b.$type"
    holds "the same bytes" cmp "a.$type" "b.$type"
done
works ".pdf alone means a figure" "$saddle" shot xor-shallow --epochs 30 --view mse -o c.pdf
holds "the same one" cmp a.pdf c.pdf
works "to standard output" "${curve[@]}" -o -
holds "a PNG" cmp out a.png

# What colours and marks mean is said, as text.
# says WHAT ARGUMENTS… -- WORD…: the SVG and the PDF of a figure have those words.
says() {
    local what=$1 words=() options=()
    shift
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    words=("$@")
    works "$what as SVG" "$saddle" shot "${options[@]}" --epochs 2 --figure --dpi 60 -o k.svg
    works "as PDF" "$saddle" shot "${options[@]}" --epochs 2 --figure --dpi 60 -o k.pdf
    words k.svg > words
    pdftotext -layout k.pdf text
    for word in "${words[@]}"; do
        holds "$what says $word" grep -qxF -- "$word" words
        holds "$what says $word in PDF, too" grep -qF -- "$word" text
    done
}
says "two classes" moons --view predictions -- 'class 0' 'class 1' 'decision boundary' 'output 0' x₁ x₂
says "a narrow one" moons --view predictions --width 60 -- 'class 0' 'class 1' 'decision boundary'
same "what has no room is left out" "$(grep -c '^output 0' words)" 0
says "a regression" paraboloid --view predictions -- output targets 'output = 0' −0.5 0.5
says "a curve over one input" error-surface --view predictions -- output train test
says "images" digits --set data.samples=600 --view predictions -- right wrong
says "layers by class" moons --view layers -- 'class 0' 'class 1' 'output = 0.5'
says "layers by target" plane --view layers -- 'output = target'
says "ten classes" digits --set data.samples=600 --view layers -- T-shirt sneaker 'ankle boot'
says "weights" moons --view weights -- negative positive 'right: bias'
says "confusion" moons --view confusion -- 'predicted class' 'true class'
says "one without room for counts" digits --set data.samples=3000 --view confusion --width 50 -- \
    '100 %' 'of the row'
python3 - << 'END'
spread = lambda i, by: i * by % 1 * 2 - 1
for name, head, row in (
        ("one.csv", "x1,y", lambda a, b, c: (a, a * a)),
        ("two.csv", "x1,x2,y1,y2", lambda a, b, c: (a, b, a * b, a + b)),
        ("three.csv", "x1,x2,x3,y", lambda a, b, c: (a, b, c, a * b + c)),
        ("many.csv", "x1,x2,x3,label", lambda a, b, c: (a, b, c, int(6 * a + 6)))):
    with open(name, "w") as file:
        print(head, file=file)
        for i in range(200):
            values = row(spread(i, 0.618034), spread(i, 0.7548776), spread(i, 0.56984))
            print(*values, sep=",", file=file)
END
says "curves along directions" plane --data one.csv --set network.layers.1.units=3 --view layers -- \
    data 'first direction' 'second direction' output
same "and of no unit" "$(grep -c 'unit' words)" 0
says "one of units, too" plane --data one.csv --view layers -- 'first unit or direction' output
says "two targets" plane --data two.csv --set network.layers.2.units=2 --view predictions -- \
    'first target' 'first output' 'first output = 0'
says "three inputs" plane --data three.csv --view predictions -- samples 'output = target'
works "twelve classes" "$saddle" shot digits --data many.csv --set network.layers.2.units=12 \
    --set landscape.split=train --epochs 2 --view predictions --figure -o k.svg
words k.svg > words
holds "their axis" grep -qx 'true class' words
same "no words without them" "$(grep -cx 'it says:' words)" 0
says "a map" race --view landscape --set landscape.camera=top -- MSE
works "one neuron" "$saddle" shot perceptron --epochs 2 --view landscapes --figure -o k.svg
words k.svg > words
holds "the first" grep -qx 'first neuron' words
same "and no second" "$(grep -c 'second neuron' words)" 0

# Bold Chinese is bold in every file.
bold=("$saddle" shot xor-shallow --epochs 2 --view landscapes --figure --dpi 60 --lang zh_CN)
works "Chinese in bold" "${bold[@]}" -o k.svg
holds "as SVG" grep -q 'font-weight="bold"[^>]*>输出</text>' k.svg
works "as PDF" "${bold[@]}" -o k.pdf
pdftotext k.pdf text
holds "is text" grep -q '输出' text
same "in one more font than the regular one" "$(pdffonts k.pdf | grep -c 'Type 0C')" 1

# Images of few pixels are sharp in vector files: each pixel becomes as many as every other.
works "images" "$saddle" shot digits --set data.samples=600 --epochs 0 --view predictions --figure \
    --dpi 100 -o k.pdf
same "are stretched by whole numbers" \
    "$(pdfimages -list k.pdf | awk 'NR > 2 && ($4 % 28 || $5 % 28)' | wc -l)" 0
holds "one a tile" test "$(pdfimages -list k.pdf | awk 'NR > 2' | wc -l)" -ge 12

# Size and resolution.
same "pixels" "$(size_of a.png)" 1417x886
same "an inch" "$(identify -units PixelsPerInch -format '%x' a.png | cut -c1-6)" 300
works "an own size" "${curve[@]}" --width 50 --height 40 --dpi 254 -o s.png
same "is that size" "$(size_of s.png)" 500x400
works "in PDF too" "${curve[@]}" --width 127 --height 254 -o s.pdf
holds "on paper" sh -c 'pdfinfo s.pdf | grep -q "Page size: *360 x 720"'
works "larger text" "${curve[@]}" --scale 1.5 -o s.svg
holds "is larger" grep -q 'font-size="12"' s.svg
works "pictures of few pixels" "$saddle" shot xor-shallow --epochs 5 --view landscape --dpi 60 -o s.pdf
works "of many" "$saddle" shot xor-shallow --epochs 5 --view landscape --dpi 300 -o m.pdf
holds "take less" test "$(stat -c %s s.pdf)" -lt "$(stat -c %s m.pdf)"

# The ground and the colours.
same "white" "$(convert a.png -crop 1x1+2+2 -format '%[hex:p{0,0}]' info:)" FFFFFF
works "transparent" "${curve[@]}" --transparent -o t.png
same "in the corner" "$(convert t.png -crop 1x1+2+2 -format '%[fx:p{0,0}.a]' info:)" 0
convert t.png -background white -flatten flat.png
below "on white as if it were" "$(distance flat.png a.png)" 0.002
works "in SVG" "${curve[@]}" --transparent -o t.svg
same "no ground" "$(grep -c 'width="100%"' t.svg)" 0
works "in PDF" "${curve[@]}" --transparent -o t.pdf
pdftocairo -png -transp -singlefile t.pdf t
same "no ground either" "$(convert t.png -crop 1x1+2+2 -format '%[fx:p{0,0}.a]' info:)" 0
works "another theme" "${curve[@]}" --theme dark -o d.png
same "dark" "$(convert d.png -crop 1x1+2+2 -format '%[hex:p{0,0}]' info:)" 171C25
works "Chinese" "${curve[@]}" --lang zh_CN -o z.pdf
pdftotext z.pdf text
holds "can be found" grep -q '轮次' text

# What cannot be.
figure() { "$saddle" shot xor-shallow --epochs 0 --view mse --figure "$@"; }
for width in '' 0 19 1001 -5 nan 5cm; do
    refuses 2 '--width.*millimetres from 20 to 1000' figure "--width=$width" -o x.png
    refuses 2 '--height.*millimetres from 20 to 1000' figure "--height=$width" -o x.png
done
for dpi in '' 0 49 2401 fine; do
    refuses 2 '--dpi.*from 50 to 2400' figure "--dpi=$dpi" -o x.png
done
refuses 2 '94488 pixels; at most 16384' figure --width 1000 --dpi 2400 -o x.png
refuses 2 '15748x9843 pixels are 155 million; at most 150' figure --width 1000 --dpi 400 -o x.png
refuses 2 '15748x15748 pixels are 248 million; at most 150' figure --width 1000 --height 1000 --dpi 400 -o x.png
refuses 2 'x.jpg: shot writes .png, .svg, .pdf' figure -o x.jpg
refuses 2 "--size: a figure's size is set by" figure --size 100x100 -o x.png
refuses 2 '--compare: a figure shows one run' figure --compare race -o x.png
refuses 2 'one view.*--view ID' "$saddle" shot xor-shallow --figure -o x.png
refuses 2 'one view.*--view ID' "$saddle" shot xor-shallow -o x.pdf
refuses 2 'one view.*alone' "$saddle" shot xor-shallow --view mse,layers -o x.svg
for option in --width=50 --height=50 --dpi=100 --transparent; do
    refuses 2 "${option%=*}: goes with --figure" "$saddle" shot xor-shallow --view mse $option -o x.png
done
rm -f -- *.png *.svg *.pdf *.tif *.csv n.npz words text info
for type in png svg pdf; do
    refuses 1 "nowhere/x.$type" figure -o nowhere/x.$type
    ln -s /dev/full full.$type
    refuses 1 "full.$type: .*No space left" figure -o full.$type
    rm full.$type
    # The disk fills up: nothing half-written stays.
    (ulimit -f 2 && figure -o big.$type 2> err > out)
    same "a $type too large for the disk" $? 1
    holds "one line" test "$(wc -l < err)" = 1
done
nothing_left "figures that failed"
