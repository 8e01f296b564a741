. "$(dirname "$0")/lib.sh"
start race --epochs 40 || exit
comes d titled '.* done'
click landscape.camera 1
point 3 3; sleep 1.5
picture; cp picture.png /tmp/r4c.png
key 3; sleep 1; point 3 3; picture; cp picture.png /tmp/r4d.png
xdotool windowsize "$window" 900 600; sleep 1.5; picture; cp picture.png /tmp/r4e.png
key Escape; sleep 1; picture; cp picture.png /tmp/r4f.png
