# Prints the folder of the newest PostgreSQL server programs on this machine (14 or later), or FORGE_POSTGRES where that
# names such a folder, to prove forge on another version; fails when there are none.
# Read by ./test, before anything starts, and by the tests themselves.
oldest=14
best= best_version=0
usual() {
    printf '%s\n' "$PATH" | tr ':' '\n'
    pg_config --bindir 2>/dev/null
    printf '%s\n' /usr/lib/postgresql/*/bin /usr/libexec/postgresql* /usr/lib/postgresql*/bin /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin /home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
        /usr/local/pgsql/bin /Library/PostgreSQL/*/bin /Applications/Postgres.app/Contents/Versions/*/bin
}
if [ -n "${FORGE_POSTGRES:-}" ]; then set -- "$FORGE_POSTGRES"; else set -- $(usual); fi
for folder; do
    [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ] || continue
    version=$("$folder/postgres" --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    [ "${version:-0}" -gt "$best_version" ] && best=$folder best_version=$version
done
[ "$best_version" -ge "$oldest" ] && printf '%s\n' "$best"
