# Makes a cluster in the folder $2 with the programs in $1, starts it and says `ready`; stops it and removes the folder
# when standard input ends. Otherwise prints what went wrong, and removes the folder too.
#
# Interrupts are ignored because Ctrl-C reaches the whole process group, and this must outlive the tests; a broken pipe
# because the tests may be killed before they hear `ready`.
trap '' INT TERM HUP PIPE
bin=$1 dir=$2
if "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions \
        --wal-segsize=1 >"$dir/log" 2>&1 &&
    "$bin/pg_ctl" -D "$dir/data" -w -s -l "$dir/log" start -o "-k '$dir' -c listen_addresses='' \
        -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0 \
        -c max_wal_size=64MB -c dynamic_shared_memory_type=mmap -c autovacuum=off -c jit=off -c timezone=UTC -c max_connections=200" >>"$dir/log" 2>&1
then
    echo ready
    cat >/dev/null
    "$bin/pg_ctl" -D "$dir/data" -s -m immediate stop >/dev/null 2>&1
else
    cat "$dir/log"
fi
rm -rf "$dir"
