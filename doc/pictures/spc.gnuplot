set terminal svg noenhanced size 800,400 font "sans-serif,12" background "white"
set datafile separator "\t"
set title "A&E within 4 hours, type 1, Royal Cornwall Hospitals (REF), %" font ",13"
set xdata time
set timefmt "%Y-%m-%d"
set format x "%b %Y"
set xtics 86400 * 365.25 / 2
set yrange [50:100]
set grid y linecolor "#dddddd"
set border 3
set tics nomirror
set key outside right
plot "chart.tsv" using 1:7 with lines dashtype 2 linecolor "#d5281b" title "standard", \
     "" using 1:4 with lines linecolor "#000000" title "mean", \
     "" using 1:5 with lines dashtype 3 linecolor "#666666" title "process limits", \
     "" using 1:6 with lines dashtype 3 linecolor "#666666" notitle, \
     "" using 1:3 with linespoints pointtype 7 pointsize 0.6 linecolor "#768692" title "common cause", \
     "" using 1:(stringcolumn(8) eq "improvement" ? $3 : NaN) with points pointtype 7 pointsize 0.9 linecolor "#005eb8" title "improvement", \
     "" using 1:(stringcolumn(8) eq "concern" ? $3 : NaN) with points pointtype 7 pointsize 0.9 linecolor "#ed8b00" title "concern"
