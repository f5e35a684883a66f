# What people do here every day. `just` alone lists it; every recipe is one line that also works
# without just (https://just.systems).

set positional-arguments

[private]
default:
    @just --list

# Serve on 127.0.0.1:8000 with an SQLite file under data/ (DATABASE_URL chooses another database)
run *arguments:
    cargo run --release -- "$@"

# Serve and start again after every change; needs watchexec (`cargo install --locked watchexec-cli`)
watch *arguments:
    watchexec --restart --stop-signal SIGTERM --exts rs,toml,sql,html,json -- cargo run -- "$@"

# The whole suite on memory, SQLite and a throw-away Postgres; arguments go to `cargo test`
test *arguments:
    scripts/test "$@"

# Everything that CI checks, cheap steps first
check:
    .ci/run

# Write openapi.json anew from the code
openapi:
    cargo run --quiet -p userhub -- openapi > target/openapi.new.json
    mv target/openapi.new.json openapi.json

# Measure the release build on this machine; the figures' meaning stands in docs/benchmarks.md
bench *arguments:
    scripts/bench "$@"

# Format the code
fmt:
    cargo fmt --all

# Fuzz one target for 10 minutes; docs/testing.md lists them and says what it needs
fuzz target *arguments:
    mkdir -p "fuzz/corpus/$1" && cargo +nightly fuzz run --sanitizer none "$1" "fuzz/corpus/$1" "fuzz/corpus-seeds/$1" -- "-dict=fuzz/dictionaries/$1" -max_total_time=600 -timeout=5 -rss_limit_mb=2048 {{arguments}}

# Build the API documentation of all crates, and open it
docs:
    cargo doc --workspace --no-deps --open
