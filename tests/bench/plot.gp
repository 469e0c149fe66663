# One picture from a table that bench wrote:
#     gnuplot -c tests/bench/plot.gp TABLE.dat PICTURE.png
set terminal pngcairo noenhanced size 1000, 500
set output ARG2
set datafile missing "?"
set title system("head -n 1 '" . ARG1 . "' | cut -d '\"' -f 2")
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.8
set key outside right top
set grid ytics
# From zero, unless the smallest bars would be too small to be seen.
spread = system("awk 'NR > 1 { for (i = 2; i <= NF; i++) if ($i != \"?\") { \
	if (!most || $i > most) most = $i; if (!least || $i < least) least = $i } } \
	END { print most / least }' '" . ARG1 . "'") + 0
if (spread > 15) {
	set logscale y
	set format y "%.0s%c"
} else {
	set yrange [0:*]
	set format y "%.3s%c"
}
columns = system("awk 'NR == 2 { print NF }' '" . ARG1 . "'") + 0
plot for [i = 2:columns] ARG1 using i:xtic(1) title columnheader(i)
