//! `forge diff` on files that are wrong: each mistake is drawn, and nothing is half-planned.

use crate::support::project::{Project, forge};

const GOOD: &str = "CREATE TABLE good (id int PRIMARY KEY);\n";

#[test]
fn files_that_do_not_parse_are_drawn_and_nothing_is_planned() {
    let cases: [(&str, &[u8], &str); 8] = [
        ("a word too many", b"CREATE TABLE ok (id int);\nCREATE TABEL bad (id int);\n", "bad.sql:2:1"),
        ("a clause cut off", b"CREATE TABLE t (id int,\n", "bad.sql:1:25"),
        ("an open string", b"CREATE TABLE t (a text DEFAULT 'open);\n", "bad.sql:1:32"),
        ("an open dollar quote", b"CREATE FUNCTION f() RETURNS int AS $$ SELECT 1;\n", "bad.sql:1:36"),
        ("an open comment", b"CREATE TABLE t (a int);\n/* open\n", "bad.sql:2:1"),
        ("a table that is missing", b"ALTER TABLE nowhere ADD a int;\n", "bad.sql:1:1"),
        ("a merge conflict", b"<<<<<<< HEAD\nCREATE TABLE a (id int);\n=======\n>>>>>>> b\n", "bad.sql:1:1"),
        ("too many levels", &[b"SELECT ".as_slice(), &[b'('; 5000]].concat(), "bad.sql:1:1"),
    ];
    let project = Project::new("");
    project.write("good.sql", GOOD);
    for (what, text, place) in cases {
        project.write("bad.sql", text);
        for sides in [["good.sql", "bad.sql"], ["bad.sql", "good.sql"], ["bad.sql", "bad.sql"]] {
            let run = project.forge(&["diff", sides[0], sides[1]]);
            assert_eq!(run.status, 2, "{what}: {}", run.stderr);
            assert_eq!(run.stdout, "", "{what}: something was planned");
            assert!(run.stderr.contains(place), "{what}, which is at {place}: {}", run.stderr);
            assert!(run.stderr.contains("nothing was planned"), "{what}: {}", run.stderr);
        }
    }
}

#[test]
fn sides_that_are_no_text_or_not_there_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    write("good.sql", GOOD.as_bytes());
    write("binary.sql", b"CREATE TABLE t (a\0 int);");
    write("latin.sql", b"CREATE TABLE t (a int); -- \xe9\n");
    for (side, said) in [("binary.sql", "binary"), ("latin.sql", "UTF-8"), ("absent.sql", "absent.sql")] {
        let run = forge(folder.path(), &["diff", "good.sql", side]);
        assert_eq!(run.status, 2, "{side}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{side}");
        assert!(run.stderr.contains(said), "{side}: {}", run.stderr);
    }
}

#[test]
fn all_mistakes_of_both_sides_are_told_in_one_run() {
    let project = Project::new("");
    project.write("old/a.sql", "CREATE TABEL a (id int);\n");
    project.write("old/b.sql", "CREATE TABLE b (id int,,);\n");
    project.write("new/c.sql", "CREATE TABLE c (id);\n");
    let run = project.forge(&["diff", "old", "new"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    for file in [" a.sql:1:1", " b.sql:1:24", " c.sql:1:19"] {
        assert!(run.stderr.contains(file), "{file}: {}", run.stderr);
    }
}
