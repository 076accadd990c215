# Sourced by test/majors and test/deb: a Debian in a folder, made by debootstrap, which needs root. ROOTS=folder keeps
# the folders there and uses them again.
. "$(dirname "${BASH_SOURCE[0]}")/server.sh"

# The Debian that has each major which we support.
declare -A suites=([15]=bookworm [17]=trixie [18]=sid)

# The Debian archive that this machine installs from.
archive() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sed -n 1p
}

# in_root ROOT COMMAND...: run it there; the mounts are gone when it ends.
in_root() {
    unshare --mount bash -c 'mount -t proc proc "$0/proc"; mount -t tmpfs tmpfs "$0/dev/shm"; mount -t devpts devpts "$0/dev/pts"
        exec chroot "$0" env -i PATH="$PATH" http_proxy="${http_proxy:-}" LANG=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive "$@"' "$@"
}

# make_root ROOT SUITE [OTHER...]: a Debian that also installs from the others, and starts no server by itself.
make_root() {
    local root=$1 suite=$2 other
    [ -e "$root/ready" ] && return
    rm -rf "$root"
    debootstrap --variant=minbase "$suite" "$root" "$archive" >"$root.log" || { cat "$root.log" >&2; exit 1; }
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    mkdir -p "$root/etc/postgresql-common"
    echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"
    # The clock here may be ahead of the archive's.
    echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/90test"
    # What is thrown away need not survive a crash.
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/90test"
    # What is trusted here is trusted there; Debian's package of certificates writes another file.
    if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then cp "$NODE_EXTRA_CA_CERTS" "$root/etc/trusted.crt"; fi
    for other in "${@:3}"; do echo "deb $archive $other main" >>"$root/etc/apt/sources.list"; done
    touch "$root/ready"
}

# copy_tree ROOT: the tree, without what has been built, as /stp_metrics there.
copy_tree() {
    rm -rf "$1/stp_metrics"
    mkdir "$1/stp_metrics"
    tar -C "$tree" --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude=./build --exclude=node_modules -cf - . |
        tar -C "$1/stp_metrics" --no-same-owner -xf -
}

# Sets what the functions above use.
prepare_roots() {
    if [ "$(id -u)" != 0 ]; then
        echo "this makes folders with a Debian in each, which needs root: use sudo" >&2
        exit 1
    fi
    need debootstrap
    archive=$(archive)
    if [ -z "$archive" ]; then
        apt-get update -qq
        archive=$(archive)
    fi
    if [ -n "${ROOTS:-}" ]; then
        roots=$(realpath -m "$ROOTS")
        mkdir -p "$roots"
    else
        roots=$(mktemp -d -t stp_roots.XXXXXX)
        trap 'rm -rf --one-file-system "$roots"' EXIT
        trap 'exit 130' INT TERM
    fi
}
