set terminal svg noenhanced size 800,400 font "sans-serif,12" background "white"
set datafile separator "\t"
set title "A&E within 4 hours, type 1, trusts in July 2018, %" font ",13"
set xrange [0:33000]
set xlabel "attendances in the month"
set yrange [50:100]
set grid y linecolor "#dddddd"
set border 3
set tics nomirror
set key outside right
plot "curve.tsv" using 1:6 with lines linecolor "#000000" title "all trusts", \
     "" using 1:2 with lines dashtype 3 linecolor "#666666" title "99.8%, chance", \
     "" using 1:3 with lines dashtype 3 linecolor "#666666" notitle, \
     "" using 1:4 with lines linecolor "#666666" title "99.8%, over-dispersed", \
     "" using 1:5 with lines linecolor "#666666" notitle, \
     "peers.tsv" using 2:(strstrt(stringcolumn(4), "998") == 0 ? $3 : NaN) with points pointtype 7 pointsize 0.5 linecolor "#768692" title "within chance", \
     "" using 2:(stringcolumn(4) eq "high 0.998" ? $3 : NaN) with points pointtype 7 pointsize 0.5 linecolor "#005eb8" title "high", \
     "" using 2:(stringcolumn(4) eq "low 0.998" ? $3 : NaN) with points pointtype 7 pointsize 0.5 linecolor "#ed8b00" title "low"
