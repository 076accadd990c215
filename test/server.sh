# Sourced by what tests, measures and shows: the packages, the build and the throwaway cluster.
# Everything happens in a copy of the tree under the temporary directory, removed at exit: nothing is left
# behind, a read-only checkout will do, and the postgres user can read what root built.

set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Where nothing can be installed for whoever asks: which programs are not there, and what works without.
name_programs() {
    local program missing=()
    for program in gcc make pg_config psql node npm; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    [ -f "$(pg_config --pgxs 2>/dev/null)" ] || missing+=("what PostgreSQL needs to build extensions (pg_config --pgxs)")
    {
        echo "This starts a throwaway cluster with Debian's packages, and there is no apt-get here."
        [ ${#missing[@]} -eq 0 ] || printf 'Missing: %s\n' "${missing[@]}"
        echo "With these and PostgreSQL 15 or later, in a database of yours:"
        echo "    make && sudo make install && createdb demo && psql -d demo -c 'CREATE EXTENSION stp_metrics'"
        echo "    PGDATABASE=demo make demo-load demo-history"
        echo "    PGDATABASE=demo make dashboard"
    } >&2
    exit 1
}

# need PACKAGE...: install what is missing when we may, otherwise name it and stop.
need() {
    local package missing=() as_root=()
    command -v apt-get >/dev/null || name_programs
    for package; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "These packages are missing; ask an administrator to run:" >&2
            echo "    apt-get install ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo -n)
    fi
    echo "installing ${missing[*]}" >&2
    # Two at once wait for each other.
    "${as_root[@]}" flock "$tree" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive flock "$tree" \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Node and its packages' client, which may have come from elsewhere than Debian.
need_node() {
    command -v node >/dev/null || need nodejs
    command -v npm >/dev/null || need npm
}

# The newest server that is installed with its development files, 15 where there is none; STP_PG_VERSION overrules.
server_version() {
    local config newest=
    for config in $(ls -v /usr/lib/postgresql/*/bin/pg_config 2>/dev/null); do
        [ -f "$("$config" --pgxs)" ] || continue
        newest=$(basename "$(dirname "$(dirname "$config")")")
    done
    echo "${STP_PG_VERSION:-${newest:-15}}"
}

# Set the variables the functions below use, and copy the tree.
prepare() {
    version=$(server_version)
    need gcc make "postgresql-$version" "postgresql-server-dev-$version" postgresql-common "$@"
    pg_config=/usr/lib/postgresql/$version/bin/pg_config
    work=$(mktemp -d -t stp_metrics.XXXXXX)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    chmod 755 "$work"
    mkdir "$work/tree" "$work/stage"
    tar -C "$tree" --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.so' --exclude=./results --exclude=./doc/site/node_modules --exclude=./site -cf - . | tar -C "$work/tree" -xf -
    chmod -R a+rX "$work"
    cd "$work/tree"
    rm -f stp_metrics--*.sql
    export PG_CONFIG=$pg_config
}

# pgxs ARGUMENT...: make with the chosen server.
pgxs() {
    make -s with_llvm=no PG_CONFIG="$pg_config" "$@"
}

# build FLAGS: compile and install into the stage.
build() {
    pgxs -j"$(nproc)" all PG_CFLAGS="${1:-}"
    pgxs install DESTDIR="$work/stage" PG_CFLAGS="${1:-}" >/dev/null
}

# in_parallel COMMAND...: run it for each line that is read, in the place of {}, as many at once as there are processors.
in_parallel() {
    xargs -d '\n' -P "$(nproc)" -I '{}' "$@"
}

# compile_units FOLDER COMPILER FLAG...: a program for each file of test/unit, in FOLDER/unit; what all of them link is compiled once.
compile_units() {
    local folder=$1 command=("${@:2}" -std=c99 -Wall -Wextra -Werror -g -ffp-contract=off -Isrc/core)
    mkdir -p "$folder/core" "$folder/unit"
    basename -as .c src/core/*.c | in_parallel "${command[@]}" -c -o "$folder/core/{}.o" 'src/core/{}.c'
    basename -as .c test/unit/*.c | in_parallel "${command[@]}" -o "$folder/unit/{}" 'test/unit/{}.c' "$folder"/core/*.o ${unit_libraries:-} -lcmocka -lm
}

# part NAME COMMAND...: run it, and say for test/count what it is and how long it took.
part() {
    local begin=$SECONDS
    echo "$1: begins"
    "${@:2}"
    echo "$1: took $((SECONDS - begin)) s"
}

# prove_all ARGUMENT...: the same for tests that speak TAP; says what failed, why, and how long each took.
prove_all() {
    prove --timer --comments -j "$(nproc)" "$@"
}

# longest_first NAMES FILE...: the files, those with one of the names before the others, so that none runs alone in the end.
longest_first() {
    local file later=()
    for file in "${@:2}"; do
        if [[ " $1 " == *" $(basename "${file%.*}") "* ]]; then echo "$file"; else later+=("$file"); fi
    done
    printf '%s\n' "${later[@]}"
}

# The settings by which a server finds the staged extension, a line each: name=value.
server_settings() {
    local libraries share
    libraries=$("$pg_config" --pkglibdir)
    share=$("$pg_config" --sharedir)
    echo "dynamic_library_path=$work/stage$libraries:$libraries"
    # Debian's own setting until PostgreSQL had one.
    if [ "$version" -ge 18 ]; then
        echo "extension_control_path=$work/stage$share:\$system"
    else
        echo "extension_destdir=$work/stage"
    fi
}

# in_cluster COMMAND...: run it in a throwaway cluster that finds the staged extension.
in_cluster() {
    local setting options=()
    while read -r setting; do options+=(-o "$setting"); done < <(server_settings)
    # A port of our own: two runs at once, or a running server, do not meet.
    # What is thrown away need not survive a crash: a test that commits a thousand times waits for no disk.
    PGPORT=$(free_port) pg_virtualenv -t -v "$version" -i '--locale=C.UTF-8' -o fsync=off \
        "${options[@]}" ${server_options[@]+"${server_options[@]}"} "$@"
}
server_options=()

# A TCP port nobody listens on.
free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}
