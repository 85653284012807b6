use std::collections::BTreeMap;

use super::*;

type Lines<'a> = &'a [(&'a str, &'a str)];

fn draft(lines: Lines<'_>, pooler_host: Option<&str>, kept: &str) -> Result<Plan, Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("env");
    let text: String = lines.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    std::fs::write(&file, text).expect("written");
    let environment = Environment::read(&[file], &[]).expect("an environment");
    let values: BTreeMap<String, String> =
        kept.lines().filter_map(|line| line.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let kept = Kept::of(values, BTreeMap::new());
    let said = |problems: Vec<Trouble>| problems.into_iter().map(|p| format!("{} → {}", p.found, p.advice)).collect();
    Plan::draft(environment, &kept, Asked { pooler_host, ca_pem: None }).map_err(said)
}

const POOLER: Option<&str> = Some("aws-0-eu-central-1.pooler.supabase.com");

#[test]
fn the_guides_lines_with_their_values_make_the_functions_url() {
    let lines = [
        ("SUPABASE_URL", "https://abcdefghijklmnopqrst.supabase.co"),
        ("DATABASE_URL", "postgresql://postgres:[password]@db.[project-ref].supabase.co:5432/postgres"),
        ("POSTGRES_PASSWORD", "p@ss/word"),
        ("SUPABASE_SERVICE_ROLE_KEY", "sb_secret_x"),
        ("JWT_ALGORITHM", "HS256"),
    ];
    let plan = draft(&lines, POOLER, "").expect("a plan");
    assert_eq!(
        plan.migration_url.as_str(),
        "postgresql://postgres:p%40ss%2Fword@db.abcdefghijklmnopqrst.supabase.co:5432/postgres?sslmode=verify-full"
    );
    assert_eq!(
        plan.run_time_url("abc"),
        "postgresql://navigator_api.abcdefghijklmnopqrst:abc@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?sslmode=verify-full"
    );
    assert_eq!(
        plan.pooled_owner_url(),
        "postgresql://postgres.abcdefghijklmnopqrst:p%40ss%2Fword@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?sslmode=verify-full"
    );
    // The page shows the pooler as a URL; a dedicated pooler knows its project without being told.
    let shown = "postgresql://postgres.abc:[YOUR-PASSWORD]@aws-1-us-east-1.pooler.supabase.com:6543/postgres";
    assert!(
        draft(&lines, Some(shown), "")
            .expect("a plan")
            .run_time_url("x")
            .contains("@aws-1-us-east-1.pooler.supabase.com:6543/")
    );
    let dedicated = draft(&lines, Some("db.abcdefghijklmnopqrst.supabase.co"), "").expect("a plan").run_time_url("x");
    assert!(dedicated.starts_with("postgresql://navigator_api:x@db."), "{dedicated}");
}

#[test]
fn what_is_kept_counts_its_password_its_pooler_and_its_key() {
    let lines = [
        ("DATABASE_URL", "postgresql://postgres:x@db.abc.supabase.co:5432/postgres"),
        ("JWT_SECRET_KEY", "Another-0pQ8x_unit-test-only_9LmN2rT5yU"),
    ];
    let kept = "DATABASE_URL=postgresql://navigator_api.abc:secret9@pool.example:7000/postgres?sslmode=require\nJWT_SECRET_KEY=Zk3v-0pQ8x_unit-test-only_9LmN2rT5yU7w";
    let plan = draft(&lines, None, kept).expect("a plan");
    assert_eq!(plan.password.as_deref(), Some("secret9"));
    let key = plan.keys.as_ref().and_then(|keys| keys.get("JWT_SECRET_KEY"));
    assert_eq!(key.map(String::as_str), Some("Zk3v-0pQ8x_unit-test-only_9LmN2rT5yU7w"));
    // What is kept with a weaker mode is written with the full check.
    let url = "postgresql://navigator_api.abc:s@pool.example:7000/postgres?sslmode=verify-full";
    assert_eq!(plan.run_time_url("s"), url);
}

#[test]
fn every_problem_is_listed_at_once_with_what_mends_it_and_no_secret() {
    let lines = [
        ("DATABASE_URL", "mysql://hunter2@x"),
        ("JWT_SECRET_KEY", "hunter2"),
        ("JWT_ALGORITHM", "RS256"),
        ("SUPABASE_ANON_KEY", "your_supabase_anon_key_here"),
        ("SUPABASE_SERVICE_ROLE_KEY", "hunter2"),
    ];
    let said = draft(&lines, None, "").err().expect("problems");
    for part in [
        "DATABASE_URL is not",
        "pooler's host",
        "JWT_SECRET_KEY has 7 bytes",
        "JWT_ALGORITHM",
        "ANON_KEY",
        "ROLE_KEY is no",
    ] {
        assert_eq!(said.iter().filter(|line| line.contains(part)).count(), 1, "{part}: {said:#?}");
    }
    assert!(said.iter().all(|line| line.contains(" → ") && !line.contains("hunter2")), "{said:#?}");
}

#[test]
fn each_url_that_cannot_be_used_says_which_can() {
    let direct = "postgresql://postgres:x@db.abc.supabase.co:5432/postgres";
    let cases: [(Lines<'_>, Option<&str>, &str); 10] = [
        (&[], POOLER, "DATABASE_URL is not set"),
        (&[("DATABASE_URL", "postgresql://postgres:[password]@h/d")], POOLER, "POSTGRES_PASSWORD=…"),
        (&[("DATABASE_URL", "postgresql://postgres:x@db.[project-ref].supabase.co/d")], POOLER, "SUPABASE_URL=https"),
        (&[("DATABASE_URL", "postgresql://navigator_api.abc:x@h:5432/d")], POOLER, "MIGRATION_DATABASE_URL="),
        (&[("DATABASE_URL", "postgresql://postgres.abc:x@h:6543/d")], POOLER, "port 5432"),
        (&[("DATABASE_URL", direct), ("SUPABASE_URL", "https://other.supabase.co")], POOLER, "the same project"),
        (&[("DATABASE_URL", direct)], Some("aws-0-x.pooler.supabase.com:5432"), "session mode"),
        (
            &[("MIGRATION_DATABASE_URL", direct), ("DATABASE_URL", "postgresql://postgres.abc:x@h:6543/d")],
            POOLER,
            "remove DATABASE_URL",
        ),
        (&[("DATABASE_URL", "postgresql://postgres:x@h/d?sslmode=disable")], POOLER, "sslmode=disable"),
        (&[("DATABASE_URL", "postgresql://postgres:x@h/d?sslmode=require")], POOLER, "--ca FILE"),
    ];
    for (lines, pooler, part) in cases {
        let said = draft(lines, pooler, "").err().expect(part);
        assert!(said.len() == 1 && said[0].contains(part), "{part}: {said:?}");
    }
}

#[test]
fn a_functions_url_among_the_files_is_not_the_owners_in_either_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("written");
        file
    };
    let owners = write("env", "DATABASE_URL=postgresql://postgres:x@db.abc.supabase.co:5432/postgres\n");
    let functions = write(
        "runtime",
        "DATABASE_URL=postgresql://navigator_api.abc:secret9@pool.example:6543/postgres\nJWT_SECRET_KEY=Zk3v-0pQ8x_unit-test-only_9LmN2rT5yU7w\n",
    );
    for files in [[owners.clone(), functions.clone()], [functions, owners]] {
        let environment = Environment::read(&files, &[]).expect("an environment");
        let kept = Kept::of(BTreeMap::new(), BTreeMap::new());
        let plan = Plan::draft(environment, &kept, Asked { pooler_host: None, ca_pem: None });
        let plan = plan.unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!((plan.place.user.as_str(), plan.password.as_deref()), ("postgres", Some("secret9")));
        assert_eq!(plan.pooler, ("pool.example".to_owned(), 6543));
    }
}

#[test]
fn a_file_of_another_project_or_database_gives_nothing() {
    let lines = [("DATABASE_URL", "postgresql://postgres:x@db.abc.supabase.co:5432/postgres")];
    let key = ("JWT_SECRET_KEY".to_owned(), "Zk3v-0pQ8x_unit-test-only_9LmN2rT5yU7w".to_owned());
    for (user, database, is_ours) in [
        ("navigator_api.abc", "postgres", true),
        ("navigator_api.other", "postgres", false),
        ("navigator_api.abc", "else", false),
    ] {
        let url = format!("postgresql://{user}:secret9@pool.example:6543/{database}?sslmode=verify-full");
        let earlier = BTreeMap::from([("DATABASE_URL".to_owned(), url), key.clone()]);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("env");
        std::fs::write(&file, format!("{}={}\n", lines[0].0, lines[0].1)).expect("written");
        let environment = Environment::read(&[file], &[]).expect("an environment");
        let kept = Kept::of(BTreeMap::new(), earlier);
        let plan = Plan::draft(environment, &kept, Asked { pooler_host: POOLER, ca_pem: None });
        let plan = plan.unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(plan.earlier.is_some(), is_ours, "{user} {database}");
        assert_eq!(plan.foreign.is_some(), !is_ours, "{user} {database}");
        assert!(plan.keys.is_none(), "nothing is taken before the password let somebody in");
    }
}
