//! The reader says of a text what the whole parser says: forge parses a statement at a time and looks a second time only
//! at statements that may be refused, `squawk-syntax` parses a text as one and looks at all of it. Both find the same
//! trees, and errors in the same texts.

use std::fs;
use std::path::Path;

use forge::diagnostic::Diagnostic;
use forge::path::RepoPath;
use forge::syntax::sql::{SqlFile, parse};
use proptest::prelude::{any, prop_assert_eq, proptest};
use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode;

use crate::readers::{config, edits, mutilate};
use crate::support::random;

/// Texts that the parser's second look refuses, at least one for each thing that it looks at.
const REFUSED: &[&str] = &[
    "CREATE AGGREGATE a (int DEFAULT 1) (SFUNC = f, STYPE = int);",
    "CREATE AGGREGATE a (OUT int) (SFUNC = f, STYPE = int);",
    "CREATE AGGREGATE a (VARIADIC int[], int) (SFUNC = f, STYPE = int);",
    "DROP AGGREGATE a (OUT int);",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 END;",
    "SELECT a IN b;",
    "SELECT a IN ();",
    "SELECT a NOT IN ROW (1, 2);",
    "SELECT 1 IN (2) + 3;",
    "SELECT 1 OVERLAPS 2;",
    "SELECT (1, 2) OVERLAPS (1, 2, 3);",
    "SELECT any (SELECT 1);",
    "SELECT f((all (SELECT 1)));",
    "SELECT any (SELECT 1) = 1;",
    "SELECT coalesce();",
    "SELECT greatest();",
    "SELECT nullif(1);",
    "SELECT between(1);",
    "SELECT int(1);",
    "SELECT 1 AS x WHERE select(1);",
    "CREATE FUNCTION f(VARIADIC a int[], b int) RETURNS int LANGUAGE sql AS 'SELECT 1';",
    "CREATE FUNCTION f(OUT a int) RETURNS TABLE (b int) LANGUAGE sql AS 'SELECT 1';",
    "CREATE FUNCTION f(INOUT a int) RETURNS TABLE (b int) LANGUAGE sql AS 'SELECT 1';",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1' RETURN 1;",
    "CREATE PROCEDURE p(VARIADIC a int[], b int) LANGUAGE sql AS 'SELECT 1';",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql LANGUAGE sql AS 'SELECT 1';",
    "CREATE FUNCTION f() RETURNS int STRICT CALLED ON NULL INPUT LANGUAGE c AS 'x';",
    "CREATE FUNCTION f() RETURNS int IMMUTABLE STABLE LANGUAGE c AS 'x';",
    "CREATE FUNCTION f() RETURNS int LEAKPROOF NOT LEAKPROOF LANGUAGE c AS 'x';",
    "CREATE FUNCTION f() RETURNS int SECURITY DEFINER SECURITY INVOKER LANGUAGE c AS 'x';",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT FROM WHERE';",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT a IN b $$;",
    "CREATE FUNCTION f() RETURNS int LANGUAGE SQL AS $$ SELECT (( $$;",
    "CREATE FUNCTION f() RETURNS int LANGUAGE 'sql' AS $$ SELECT (( $$;",
    "CREATE FUNCTION f() RETURNS int LANGUAGE \"sql\" AS $$ SELECT (( $$;",
    "CREATE FUNCTION f() RETURNS int AS $a$ SELECT 1 FROM t JOIN u $a$ LANGUAGE sql;",
    "CREATE FUNCTION f() RETURNS int AS 'SELECT ''a'' ''b''' LANGUAGE sql;",
    "CREATE FUNCTION f() RETURNS int AS E'SELECT \\'a\\' \\'b\\'' LANGUAGE sql;",
    "CREATE PROCEDURE p() LANGUAGE sql AS $$ SELECT any (SELECT 1) $$;",
    "CREATE TABLE t (a);",
    "CREATE TABLE left (a int);",
    "CREATE TABLE t (a int) PARTITION OF;",
    "CREATE TABLE p PARTITION OF t FOR VALUES WITH (modulus 4);",
    "CREATE TABLE p PARTITION OF t FOR VALUES WITH (remainder 4, remainder 3);",
    "CREATE TABLE t (a int STORAGE odd);",
    "ALTER TABLE t ALTER a SET STORAGE odd;",
    "CREATE TABLE t (a varchar(VARIADIC 3));",
    "CREATE TABLE t (a numeric(1 + 1));",
    "CREATE TABLE t (a numeric(p => 1));",
    "CREATE TABLE t (a numeric(1 ORDER BY 1));",
    "CREATE TABLE t (a numeric(true));",
    "CREATE TABLE t (a foo(null)[]);",
    "SELECT a::numeric(1 + 1);",
    "SELECT 1 <=========================================================================> 2;",
    "SELECT * 1 FROM t WHERE / 2;",
    "SELECT = 1;",
    "DO LANGUAGE sql 'SELECT 1';",
    "DO 'a' LANGUAGE plpgsql LANGUAGE plpgsql;",
    "SELECT DISTINCT ON () a FROM t;",
    "SELECT DISTINCT;",
    "SELECT DISTINCT FROM t;",
    "SELECT 1 FROM ONLY f();",
    "SELECT 1 FROM LATERAL t;",
    "SELECT 1 FROM ONLY LATERAL (t);",
    "SELECT 1 FROM (t);",
    "SELECT 1 FROM (f());",
    "SELECT 1 FROM ((SELECT 1) a);",
    "SELECT 1 FROM (((t)));",
    "COMMENT ON FUNCTION f(a int DEFAULT 1) IS 'x';",
    "DROP PROCEDURE p(int = 1);",
    "DROP ROUTINE p(int = 1);",
    "SELECT [1, 2];",
    "SELECT ARRAY(1, 2);",
    "SELECT 1 FROM a JOIN b;",
    "SELECT 1 FROM a LEFT JOIN b;",
    "SELECT 1 FROM a CROSS JOIN b USING (c);",
    "SELECT 1 FROM a NATURAL JOIN b USING (c);",
    "SELECT json_array(1, SELECT 1);",
    "SELECT json_object(1, 2: 3);",
    "SELECT 'a' 'b';",
    "SELECT 'a' -- x\n /* y */ 'b';",
    "SELECT U&'\\00';",
    "SELECT U&'a' UESCAPE 'ab';",
    "SELECT U&\"\\00\";",
    "SELECT a UESCAPE '!';",
    "CREATE TABLE t (a int DEFAULT (DEFAULT));",
    "SELECT DEFAULT;",
    "SELECT left FROM t;",
    "SELECT f(:a);",
    "UPDATE t SET;",
    "UPDATE t SET a.b = DEFAULT;",
    "UPDATE t SET a[1] = DEFAULT;",
    "SET a TO;",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1 SELECT 2);",
    "SELECT (SELECT, 1);",
    "SELECT (1, SELECT 2);",
    "SELECT (SELECT);",
    "FROM t;",
    "FROM t SELECT 1;",
    "SELECT 1 UNION SELECT 2 INTO t;",
    "CREATE VIEW v AS SELECT 1 INTO t;",
    "SELECT 1 SELECT 2",
    "CREATE TABLE t (a int) CREATE TABLE u (a int);",
    "CREATE PUBLICATION p FOR ALL TABLES EXCEPT (a);",
];

#[test]
fn what_the_second_look_refuses_is_told() {
    let mut missed = Vec::new();
    for text in REFUSED {
        assert!(!SourceFile::parse(text).errors().is_empty(), "the parser takes it now, so it proves nothing: {text}");
        let within = format!("CREATE TABLE a (b int);\n{text}\n;CREATE TABLE c (d int);");
        if !agree(&parse(&RepoPath::root(), text)) || errors(&parse(&RepoPath::root(), &within)).is_empty() {
            missed.push(text);
        }
    }
    assert_eq!(missed, [&""; 0]);
}

#[test]
fn real_files_get_the_verdict_and_the_trees_of_the_whole_parser() {
    let mut count = 0;
    for folder in ["fixtures", "../shared/corpora", "../shared/histories"] {
        for text in sql_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
            count += 1;
            compare(&text);
        }
    }
    println!("{count} files");
    compare(&random::pair(random::tape(7, 4_000)).from.sql().repeat(40));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn mutilated_text_gets_the_verdict_of_the_whole_parser(
        tape in proptest::collection::vec(any::<u32>(), 0..120),
        nasty in proptest::collection::vec(0..REFUSED.len(), 0..3),
        edits in edits(),
    ) {
        let mut text = random::pair(tape).from.sql();
        nasty.iter().for_each(|at| text.push_str(REFUSED[*at]));
        let text = String::from_utf8_lossy(&mutilate(&text, &edits)).into_owned();
        let file = parse(&RepoPath::root(), &text);
        if file.diagnostics.iter().all(|it| it.code == "sql-syntax") {
            prop_assert_eq!(errors(&file).is_empty(), first_of_whole(&file.text).is_none(), "{}", text);
        }
    }
}

/// Whether both ways of reading `text` agree: on what is wrong, and where nothing is, on the trees.
fn compare(text: &str) {
    let file = parse(&RepoPath::root(), text);
    let parsed = SourceFile::parse(&file.text);
    let whole = first_of_whole(&file.text);
    // Names that only the parser takes for key words are read all the same.
    assert!(agree(&file) || errors(&file).is_empty(), "{:?} {whole:?}: {text}", errors(&file));
    if whole.is_none() {
        let trees = |file: SourceFile| -> Vec<_> { file.stmts().map(|it| it.syntax().clone()).collect() };
        let (one, other) = (file.statements().map(|it| it.tree.syntax().clone()), trees(parsed.tree()));
        for (one, other) in one.zip(&other) {
            assert_eq!((one.text_range(), one.green()), (other.text_range(), other.green()));
        }
        assert_eq!(file.statements().count(), other.len());
    }
}

/// Whether the first error is the same to both; one between two tokens is told at the second.
fn agree(file: &SqlFile) -> bool {
    match (errors(file).first(), first_of_whole(&file.text)) {
        (None, None) => true,
        (Some(own), Some(other)) => file.text.get(other..*own).is_some_and(|between| between.trim_start().is_empty()),
        _ => false,
    }
}

/// Where forge finds syntax errors.
fn errors(file: &SqlFile) -> Vec<usize> {
    let start = |it: &Diagnostic| it.labels[0].span.start as usize;
    file.diagnostics.iter().filter(|it| it.code == "sql-syntax").map(start).collect()
}

/// Where the parser finds the first error of `text`, when it reads all of it at once.
fn first_of_whole(text: &str) -> Option<usize> {
    SourceFile::parse(text).errors().first().map(|error| error.range().start().into())
}

/// The SQL files below `folder`; none where there is no such folder.
fn sql_files(folder: &Path) -> Vec<String> {
    let mut waiting = vec![folder.to_owned()];
    let mut texts = Vec::new();
    while let Some(folder) = waiting.pop() {
        for path in fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|it| it == "sql") {
                texts.extend(fs::read_to_string(&path));
            }
        }
    }
    texts
}
