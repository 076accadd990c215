# stp_metrics: health-system performance where the data lies.
#
#   make help       this list
#   make demo       build, start a throwaway cluster, load published figures and synthetic months, print the rating, write the dashboard
#   make test       build and run every test in a throwaway cluster
#   make test-majors   build and run the tests on every supported major, and pg_upgrade between them; needs root
#   make test-clients  read every view through ODBC, JDBC, psycopg, node, R and LibreOffice Base
#   make test-citus    run what doc/distribute.md says on Citus, where the server has it
#   make fuzz SECONDS=60 [SEED=n]       hostile input for every type and function, in a throwaway cluster
#   make fuzz-core SECONDS=60 [SEED=n]  libFuzzer over the numerics, under sanitizers
#   make test-sqlsmith SECONDS=300      random queries over schema stp
#   make test-crash CRASHES=100         kill -9 at so many random moments
#   make bench      time us against hand-written SQL in a throwaway cluster
#   make bench-duckdb [SPELLS=5000000]   the same beside DuckDB, on spells
#   make bench-scale [MILLIONS="1 5 20"]   time for a million spells, of few and of many
#   make simulate   how often the forecast's interval holds, over years that are drawn; ACCEPT=1 puts it on its page
#   make pictures   draw the pictures of doc/ from rows
#   make site [SITE=site] [BASE=/]   the documentation as a site, in a folder, for a server that shows it at BASE
#   make test-site [SCREENSHOTS=dir] open it in a browser: every link, the search, the reference, its accessibility
#   make demo-load  load the demonstration's published figures into the database the PG* variables name
#   make demo-history   after it: synthetic months before them
#   make dashboard [FILE=x.html]   one HTML file of the database the PG* variables name, or of the demo
#   make test-dashboard [SCREENSHOTS=dir]   open it in a browser: every page, its filters, its numbers, its accessibility
#   make lint       formatting, warnings as errors, static analysis
#   make deb [MAJORS="15 17 18"]   Debian packages, built, checked, installed and tested in folders made by debootstrap; needs root
#   make portable   warnings of gcc and clang as errors; the numerics as 32-bit and as big-endian programs
#   make release, make next VERSION=0.3, make dist   a release, the version after it, the zip for PGXN: see CONTRIBUTING.md
#   make / make install / make installcheck / make clean   the usual PGXS targets

EXTENSION  = stp_metrics
# Where this file is, so that it can be built from another folder: make -f /path/to/Makefile.
source    := $(or $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST)))),.)
files_of   = $(patsubst $(source)/%,%,$(wildcard $(addprefix $(source)/,$(1))))
# The number of the version stands in the control file; `make release` says it to whoever else must have it.
EXTVERSION = $(shell sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" $(source)/$(EXTENSION).control)

# The modules, in dependency order: a module may use those before it and no others.
MODULES_IN_ORDER = schema period stamp history code guard sum estimate standardise census spc funnel score composite registry succession boundary figure judgement target peer activity delay emergency spell_views finance trend scheme rating assessment robustness missing change comparison mark source kept kept_figure kept_source refresh publish display bi bi_rating bi_figure bi_source rights restore comment

SQL_PARTS   = $(wildcard $(MODULES_IN_ORDER:%=$(source)/src/%.sql))
CORE_SOURCE = $(sort $(call files_of,src/core/*.c))
C_SOURCE    = src/stp_metrics.c $(call files_of,$(MODULES_IN_ORDER:%=src/%.c)) $(CORE_SOURCE)
ALL_HEADERS = $(call files_of,src/*.h src/core/*.h)
INSTALL_SQL = $(EXTENSION)--$(EXTVERSION).sql

MODULE_big = $(EXTENSION)
OBJS       = $(C_SOURCE:.c=.o)
# Scripts that are frozen: of versions before this one, and, from its release on, of this one, which is built all the same.
DATA       = $(filter-out updates/$(INSTALL_SQL),$(call files_of,updates/$(EXTENSION)--*.sql))
DATA_built = $(INSTALL_SQL)

# Setup comes first; then each module's own file, in the same order.
REGRESS        = setup $(patsubst sql/%.sql,%,$(call files_of,$(MODULES_IN_ORDER:%=sql/%.sql)))
ISOLATION      = $(patsubst test/isolation/specs/%.spec,%,$(sort $(call files_of,test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(source)/test/isolation --load-extension=$(EXTENSION)
# TAP tests start servers of their own and cannot run as root, hence the switch.
ifdef ENABLE_TAP
TAP_TESTS   = 1
PROVE_TESTS = $(or $(TAP),$(sort $(call files_of,test/tap/*.pl)))
endif

PG_CPPFLAGS = -I$(source)/src
# Fused multiply-add would make results differ between machines, and so would the longer numbers of the x87.
override PG_CFLAGS += -ffp-contract=off
ifneq ($(filter i%86,$(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))),)
override PG_CFLAGS += -msse2 -mfpmath=sse
endif
EXTRA_CLEAN = $(INSTALL_SQL) results regression.* output_iso tmp_check build

PG_CONFIG ?= pg_config
PGXS      := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
include $(PGXS)
$(OBJS): $(ALL_HEADERS)
# Built elsewhere, the folders of the objects are not there.
$(shell mkdir -p $(sort $(dir $(C_SOURCE))))
else
# `make demo` and `make test` install PostgreSQL first, so they must work without it.
all install installcheck clean:
	@echo "$(PG_CONFIG) not found: install PostgreSQL's server development package" >&2; exit 1
.PHONY: all install installcheck clean
endif

$(INSTALL_SQL): $(SQL_PARTS) $(EXTENSION).control Makefile
	cat $(SQL_PARTS) > $@

help:
	@sed -n 's/^#   //p' $(source)/Makefile

demo:
	@FILE="$(FILE)" bash demo/run

demo-load:
	@bash demo/load

demo-history:
	@bash demo/history

dashboard:
	@FILE="$(FILE)" bash dashboard/run

test-dashboard:
	@SCREENSHOTS="$(SCREENSHOTS)" bash dashboard/test/run

test-clients:
	@bash test/clients/run

test:
	@bash test/run

test-majors:
	@bash test/majors

fuzz:
	@bash test/fuzz/run "$(SECONDS)" "$(SEED)" "$(MUTATIONS)"

fuzz-core:
	@bash test/fuzz/core/run "$(SECONDS)" "$(SEED)"

test-sqlsmith:
	@bash test/sqlsmith/run "$(SECONDS)" "$(SEED)"

test-crash:
	@ONLY=tap PROVE_FLAGS=-v TAP=test/tap/kill.pl CRASHES="$(or $(CRASHES),100)" SEED="$(SEED)" bash test/run

test-citus:
	@ONLY=tap PROVE_FLAGS=-v TAP=test/tap/citus.pl bash test/run

bench:
	@bash bench/run

bench-duckdb:
	@SPELLS="$(SPELLS)" bash bench/duckdb

bench-scale:
	@MILLIONS="$(MILLIONS)" bash bench/scale

simulate:
	@bash bench/simulate

pictures:
	@bash doc/pictures/draw

site:
	@SITE="$(SITE)" BASE="$(BASE)" bash doc/site/make

test-site:
	@SCREENSHOTS="$(SCREENSHOTS)" bash doc/site/test

lint:
	@bash test/lint

release next dist:
	@VERSION="$(VERSION)" TAG="$(TAG)" bash updates/version $@

deb:
	@bash test/deb

portable:
	@bash test/portable

.PHONY: help demo demo-load demo-history dashboard test-dashboard test test-majors test-clients fuzz fuzz-core test-sqlsmith test-crash test-citus bench bench-duckdb bench-scale simulate pictures site test-site lint release next dist deb portable
