//! What the product is built from: nothing with an advisory that no version mends, nothing that nobody uses.

use std::collections::BTreeSet;

use launcher::workspace::root;

fn toml_of(path: &str) -> toml::Table {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Crates with an advisory and no version without it: the advisory, and what to use instead.
const REFUSED: [(&str, &str); 1] =
    [("rsa", "RUSTSEC-2023-0071 (timing); tokens are HS256 alone: auth::hs256, and jsonwebtoken without rust_crypto")];

fn refused(lock: &toml::Table) -> Vec<String> {
    let packages = lock["package"].as_array().expect("packages");
    let names: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().expect("a name")).collect();
    REFUSED.iter().filter(|(name, _)| names.contains(name)).map(|(name, why)| format!("{name}: {why}")).collect()
}

#[test]
fn no_crate_is_locked_whose_advisory_has_no_patched_version() {
    let lock = toml_of("Cargo.lock");
    assert!(lock["package"].as_array().is_some_and(|packages| packages.len() > 200), "the lock file is whole");
    assert_eq!(refused(&lock), Vec::<String>::new());
    let before = toml::from_str("package = [{ name = 'rsa', version = '0.9.10' }]").expect("TOML");
    assert_eq!(refused(&before).len(), 1);
}

/// The names of a manifest's dependencies, of every kind and target.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let targets =
        manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(|targets| targets.values());
    let tables = targets.filter_map(toml::Value::as_table).chain([manifest]);
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let lists = tables.flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()));
    lists.flat_map(|list| list.keys().cloned()).collect()
}

#[test]
fn every_dependency_of_the_workspace_is_used_by_a_package() {
    let workspace = toml_of("Cargo.toml");
    let declared = workspace["workspace"]["dependencies"].as_table().expect("dependencies");
    let members = workspace["workspace"]["members"].as_array().expect("members");
    let mut used = BTreeSet::new();
    for member in members.iter().filter_map(toml::Value::as_str) {
        let folders = match member.strip_suffix("/*") {
            None => vec![member.to_owned()],
            Some(above) => {
                let entries = std::fs::read_dir(root().join(above)).expect("a folder").flatten();
                let names = entries.map(|entry| format!("{above}/{}", entry.file_name().to_string_lossy()));
                names.filter(|folder| root().join(folder).join("Cargo.toml").is_file()).collect()
            }
        };
        used.extend(folders.iter().flat_map(|folder| dependencies(&toml_of(&format!("{folder}/Cargo.toml")))));
    }
    let unused: Vec<&String> = declared.keys().filter(|name| !used.contains(*name)).collect();
    assert_eq!(unused, Vec::<&String>::new(), "declared in Cargo.toml and used by nobody");
    assert!(used.len() > 40, "{} dependencies", used.len());
}
