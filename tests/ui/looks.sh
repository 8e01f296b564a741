# The real window itself: sizes, text, themes, settings, a file of one's own, leaving, no display.
. "$(dirname "$0")/lib.sh"

start xor-shallow --epochs 1000000000 || exit
comes "it plays" titled '.* running'
# Drawn at its edge while it draws, the window has other sizes than the frame was begun with.
key bracketright{,,,,,,,}
for ((i = 0; i < 60; i++)); do
    xdotool windowsize "$window" $((640 + i * 337 % 800)) $((480 + i * 229 % 420))
done
key bracketleft{,,,,,,,} space
comes "paused" titled '.* paused'

# Sizes: the panel folds in a small window, and the picture is as large as the window.
for size in '1280 720' '900 600' '640 480'; do
    xdotool windowsize "$window" $size
    is_size() {
        picture
        [ "$("$pixels" picture.png | cut -d' ' -f1)" = "${size/ /x}" ]
    }
    comes "$size" is_size
done
comes "the panel folds" gone data.kind
click panel
comes "and unfolds" there data.kind
xdotool windowsize "$window" 1440 900
comes "a large window again" views_sized '1136 800'

# Text size.
key ctrl+plus
larger() {
    [ "$(place theme | cut -d' ' -f4)" -gt 28 ]
}
comes "larger text" larger
key ctrl+0
comes "text as designed" views_sized '1136 800'
key F5
comes "presenting" gone data.kind
key F5
comes "no longer presenting" views_sized '1136 800'

# Help, theme.
before=$(views)
key question
differs "the page of keys" "$(views)" "$before"
key Escape
views_again "any key closes it" "$before"
click theme
differs "the other theme" "$(views)" "$before"

key ctrl+q
ended 0
grep -q '^theme = light$' config/saddle/settings.ini && pass || fail "the theme is remembered"

# A file of one's own, the remembered theme, and a broken settings file.
cat > mine.json << 'END'
{"saddle": 1, "name": "mine", "data": {"kind": "xor", "samples": 100},
 "network": {"layers": [{"units": 3, "activation": "tanh"}, {"units": 1}]},
 "training": {"epochs": 5}, "layout": [["landscape"]]}
END
echo 'reduced_motion = 1' >> config/saddle/settings.ini
echo 'theme = pink' >> config/saddle/settings.ini
start mine.json --theme light || exit
comes "a file of one's own" titled 'mine – epoch [0-9]+ – .*'
comes "its landscape" there landscape.camera
gone landscape.turn && pass || fail "what moves by itself is not offered where motion is reduced"
comes "done" titled 'mine – epoch 5 – done'
# The switch for it.
for section in training network data; do click section.$section; done
comes "they fold" gone data.kind
click section.window
click window.reduced_motion
comes "it may turn by itself" there landscape.turn
click window.reduced_motion
comes "no longer" gone landscape.turn
click window.reduced_motion
comes "it may again" there landscape.turn
key ctrl+q
wait "$program"
same "exit code" $? 0
grep -q '^reduced_motion = 0$' config/saddle/settings.ini && pass || fail "motion is remembered"
grep -q 'settings.ini: line .* ignored' err && pass || fail "a broken settings file is named: $(cat err)"
same "in one line" "$(wc -l < err)" 1

# It can be left while it loads much.
start xor-shallow || exit
click experiment $(($("$saddle" list experiments | grep -n '^digits ' | cut -d: -f1) - 1))
key ctrl+q
ended 0

# No display.
(unset DISPLAY; "$saddle" xor-shallow > out 2> err)
same "exit code without a display" $? 3
same "one line" "$(wc -l < err)" 1
grep -q '^saddle: ' err && pass || fail "the message: $(cat err)"
