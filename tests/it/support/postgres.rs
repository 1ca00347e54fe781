//! A throw-away PostgreSQL for tests: one cluster a process, a database for whoever asks.
//!
//! The cluster starts at the first [`Database::new`], in a private folder, reached by a socket in that folder and
//! by nothing else. A small shell holds it: when this process ends, however it ends, the pipe that the shell reads
//! closes, and the shell stops the server and removes the folder. Knows nothing of forge.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

use postgres::{Client, Config, NoTls};

use super::dump::Dump;

/// Says where the server's programs are.
const FINDER: &str = include_str!("postgres-bin.sh");

/// Holds the server for as long as its standard input is open.
const KEEPER: &str = include_str!("postgres-keep.sh");

/// A running server.
struct Cluster {
    /// Where the server's programs are.
    programs: PathBuf,
    /// The folder of its data and its socket.
    folder: PathBuf,
    /// Its version.
    major: u32,
    /// While this is open, the server lives.
    _lifeline: ChildStdin,
}

/// A database of its own, empty at first, gone with the value.
pub struct Database {
    name: String,
}

impl Database {
    /// An empty database; the first one in a process starts the cluster.
    ///
    /// # Panics
    /// When there is no usable PostgreSQL on the machine; the message says what to install.
    pub fn new() -> Database {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("forge_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        // Copying files is the fastest way without fsync; 14 knows no other.
        let strategy = if cluster().major < 15 { "" } else { " STRATEGY file_copy" };
        administer(&format!("CREATE DATABASE {name} TEMPLATE template0{strategy}"));
        let database = Database { name };
        if cluster().major < 15 {
            // What every database since 15 begins with.
            database.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC").unwrap_or_else(|error| panic!("{error}"));
        }
        database
    }

    /// A database in which `sql` ran.
    ///
    /// # Panics
    /// When a statement fails.
    pub fn with(sql: &str) -> Database {
        let database = Database::new();
        database.run(sql).unwrap_or_else(|error| panic!("{error}"));
        database
    }

    /// Runs statements as one string: one transaction, unless they say otherwise; in a connection of its own, so
    /// that no setting outlives them.
    ///
    /// # Errors
    /// With what the server says about the statement that failed.
    pub fn run(&self, sql: &str) -> Result<(), String> {
        self.client().batch_execute(sql).map_err(|error| explain(&error, sql))
    }

    /// Runs a script as `psql` does, a statement at a time, up to the first that fails.
    ///
    /// # Errors
    /// With what `psql` printed.
    pub fn psql(&self, script: &str) -> Result<(), String> {
        let mut command = self.program("psql");
        command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]);
        feed(command, script).map(drop)
    }

    /// A connection.
    pub fn client(&self) -> Client {
        connect(&self.name)
    }

    /// The first column of a query's rows, as text; the query casts.
    ///
    /// # Panics
    /// When the query fails or its column is not text.
    pub fn texts(&self, query: &str) -> Vec<String> {
        let rows = self.client().query(query, &[]).unwrap_or_else(|error| panic!("{}", explain(&error, query)));
        rows.iter().map(|row| row.get::<_, Option<String>>(0).unwrap_or_default()).collect()
    }

    /// The schema, as `pg_dump` sees it.
    ///
    /// # Panics
    /// When `pg_dump` fails.
    pub fn dump(&self) -> Dump {
        self.compared(&self.pg_dump(&[]))
    }

    /// What `pg_dump` printed of this database, to be compared, and what it does not tell: which indexes are not valid,
    /// and what an heir asks of the columns that it has from its parents.
    ///
    /// # Panics
    /// When the catalog cannot be read.
    pub fn compared(&self, dump: &str) -> Dump {
        let invalid = "SELECT 'INVALID INDEX ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid";
        let heirs =
            "SELECT concat_ws(' ', 'HEIR', attrelid::regclass, attname, attnotnull, pg_get_expr(adbin, adrelid))
            FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE attinhcount > 0 AND NOT attisdropped";
        let mut client = self.client();
        let facts = [invalid, heirs].map(|sql| client.query(sql, &[]).expect("the catalog can be read"));
        Dump::parse(dump).with(facts.iter().flatten().map(|row| row.get(0)))
    }

    /// What `pg_dump --schema-only` prints, as it is, with further arguments.
    ///
    /// # Panics
    /// When `pg_dump` fails.
    pub fn pg_dump(&self, further: &[&str]) -> String {
        let mut command = self.program("pg_dump");
        command.args(["--schema-only", "--no-owner"]).args(further);
        feed(command, "").unwrap_or_else(|error| panic!("pg_dump: {error}"))
    }

    /// One of PostgreSQL's client programs, set to talk to this database and to read no one's configuration.
    fn program(&self, name: &str) -> Command {
        let cluster = cluster();
        let beside = cluster.programs.join(name);
        let mut command = Command::new(if beside.exists() { beside } else { PathBuf::from(name) });
        command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
        command.env("PGHOST", &cluster.folder).env("PGUSER", "postgres").env("PGDATABASE", &self.name);
        command.env("PGCLIENTENCODING", "UTF8").env("PGOPTIONS", "-c client_min_messages=warning");
        command
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// Runs one statement in the database that is always there.
fn administer(statement: &str) {
    let result = connect("postgres").batch_execute(statement);
    if let Err(error) = result
        && !std::thread::panicking()
    {
        panic!("{}", explain(&error, statement));
    }
}

fn connect(database: &str) -> Client {
    let mut config = Config::new();
    config.host_path(&cluster().folder).user("postgres").dbname(database).options("-c client_min_messages=warning");
    config.connect(NoTls).unwrap_or_else(|error| panic!("connecting to the throw-away server: {error}"))
}

/// The server's words about a failure, and the line of `sql` that it points at.
pub fn explain(error: &postgres::Error, sql: &str) -> String {
    let Some(said) = error.as_db_error() else { return error.to_string() };
    let mut text = format!("{} [{}]", said.message(), said.code().code());
    for more in [said.detail(), said.hint(), said.where_()].into_iter().flatten() {
        text.push_str("\n  ");
        text.push_str(more);
    }
    if let Some(postgres::error::ErrorPosition::Original(at)) = said.position() {
        let before: String = sql.chars().take(*at as usize - 1).collect();
        let line = before.matches('\n').count();
        text.push_str(&format!("\n  line {}: {}", line + 1, sql.lines().nth(line).unwrap_or("")));
    }
    text
}

/// Runs a program on `input`: what it printed, or what it complained about.
fn feed(mut command: Command, input: &str) -> Result<String, String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{:?}: {error}", command.get_program()))?;
    let mut pipe = child.stdin.take().expect("stdin is piped");
    // psql stops reading at the first failing statement; the broken pipe is then not the finding.
    let writer = {
        let input = input.to_owned();
        std::thread::spawn(move || drop(pipe.write_all(input.as_bytes())))
    };
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    writer.join().expect("writing to a pipe does not panic");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// The one cluster of this process.
fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| start().unwrap_or_else(|error| panic!("{error}")))
}

fn start() -> Result<Cluster, String> {
    let programs = find_programs()
        .ok_or("install PostgreSQL 14 or later (initdb, pg_ctl, postgres), or put its `bin` folder on the PATH")?;
    let folder = private_folder()?;
    let mut keeper = Command::new("sh");
    keeper.arg("-c").arg(KEEPER).arg("keeper").arg(&programs).arg(&folder).current_dir("/");
    keeper.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C");
    keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    if owner(&folder)? == 0 {
        let (user, group) = unprivileged().ok_or("run the tests as another user than root: there is no `nobody`")?;
        chown(&folder, Some(user), Some(group)).map_err(|error| error.to_string())?;
        keeper.uid(user).gid(group);
    }
    let mut child = keeper.spawn().map_err(|error| format!("sh: {error}"))?;
    let lifeline = child.stdin.take().expect("stdin is piped");
    let mut said = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut line = String::new();
    said.read_line(&mut line).map_err(|error| error.to_string())?;
    if line.trim() != "ready" {
        said.read_to_string(&mut line).map_err(|error| error.to_string())?;
        return Err(format!("PostgreSQL did not start:\n{line}"));
    }
    let major = major_version(&folder);
    Ok(Cluster { programs, folder, major, _lifeline: lifeline })
}

/// The version of the cluster in `folder`, as its own file says it.
fn major_version(folder: &Path) -> u32 {
    let text = fs::read_to_string(folder.join("data/PG_VERSION")).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

/// A new folder, in memory where there is a gigabyte for it (a new database takes a tenth of the time there), and with a
/// path that is short enough for a socket (107 bytes on Linux, 103 on macOS).
fn private_folder() -> Result<PathBuf, String> {
    let usual = env::temp_dir();
    let root = match usual {
        _ if free_kilobytes("/dev/shm") > 1 << 20 => PathBuf::from("/dev/shm"),
        usual if usual.as_os_str().len() < 70 => usual,
        _ => PathBuf::from("/tmp"),
    };
    let folder = tempfile::Builder::new().prefix("forge-pg-").tempdir_in(&root);
    folder.map(tempfile::TempDir::keep).map_err(|error| format!("{}: {error}", root.display()))
}

/// The room that is left in the file system of `folder`; 0 when there is no such folder.
fn free_kilobytes(folder: &str) -> u64 {
    let output = Command::new("df").args(["-Pk", folder]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let free = text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    free.unwrap_or(0)
}

/// Who owns what this process creates: its effective user.
fn owner(folder: &Path) -> Result<u32, String> {
    fs::metadata(folder).map(|data| data.uid()).map_err(|error| error.to_string())
}

/// The user and group that the server runs as where the caller is root, which PostgreSQL refuses.
fn unprivileged() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    ["postgres", "nobody"].iter().find_map(|name| {
        let fields: Vec<&str> =
            users.lines().map(|line| line.split(':').collect()).find(|f: &Vec<&str>| f[0] == *name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    })
}

/// The folder of the newest usable server's programs.
fn find_programs() -> Option<PathBuf> {
    let output = Command::new("sh").arg("-c").arg(FINDER).output().ok()?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!folder.is_empty()).then(|| PathBuf::from(folder))
}
