//! How the binaries are built, and what they ask of the system that runs them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use launcher::workspace;
use serde_json::json;
use tests::binaries::{GLIBC_OF_THE_RUNTIME, asks_for_openssl, glibc};
use tests::template::Template;

fn manifest(path: &str) -> toml::Table {
    let text = std::fs::read_to_string(workspace::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    toml::from_str(&text).expect("TOML")
}

#[test]
fn each_function_is_built_from_its_package_alone_with_its_own_openssl() {
    let lambda = &manifest("Cargo.toml")["workspace"]["metadata"]["lambda"];
    assert_eq!(lambda["build"]["features"], toml::Value::from(vec!["vendored"]));
    let template = Template::read();
    for (id, resource) in template.resources("AWS::Serverless::Function") {
        let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str().expect("a binary");
        let metadata = json!({ "BuildMethod": "rust-cargolambda", "BuildProperties": { "Binary": binary } });
        assert_eq!(resource["Metadata"], metadata, "{id}");
        // From the workspace's root cargo would unify the features of every function.
        assert_eq!(resource["Properties"]["CodeUri"], format!("functions/{binary}"), "{id}");
        let package = manifest(&format!("functions/{binary}/Cargo.toml"));
        assert_eq!(package["package"]["name"].as_str(), Some(binary), "{id}");
        assert!(workspace::root().join(format!("functions/{binary}/src/main.rs")).is_file(), "{id}");
        assert!(package["features"].as_table().expect("features").contains_key("vendored"), "{id}");
    }
}

#[test]
fn the_binaries_that_were_built_for_the_runtime_run_on_it() {
    const NAME: &str = "the_binaries_that_were_built_for_the_runtime_run_on_it";
    // A program of this machine asks for what the reader finds, so a reader that finds nothing is noticed.
    let own = std::env::current_exe().expect("this binary");
    assert!(glibc(&own).is_some_and(|version| version >= (2, 17)), "{}", own.display());
    let folders = [workspace::root().join(".aws-sam/build"), workspace::target().join("lambda")];
    let built: BTreeSet<PathBuf> = folders
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path().join("bootstrap")))
        .filter(|file| file.is_file())
        .collect();
    if built.is_empty() {
        return tests::skip(NAME, "nothing was built for it (sam build, or cargo lambda build --release)");
    }
    for file in built {
        let (major, minor) = glibc(&file).unwrap_or_else(|| panic!("{} asks for no glibc", file.display()));
        println!("{}: glibc {major}.{minor}", file.display());
        assert!((major, minor) <= GLIBC_OF_THE_RUNTIME, "{}: glibc {major}.{minor}", file.display());
        assert!(!asks_for_openssl(&file), "{} asks for the system's OpenSSL", file.display());
    }
}
