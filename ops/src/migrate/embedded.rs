//! The migrations, compiled in: the binary that knows the code knows its schema.

/// One migration.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number.
    pub version: i32,
    /// Its file's name without `.sql`.
    pub name: &'static str,
    /// The SQL that goes up.
    pub up: &'static str,
    /// The SQL that goes down.
    pub down: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        /// Every migration, in order.
        pub const MIGRATIONS: &[Migration] = &[$(Migration {
            version: $version,
            name: $name,
            up: include_str!(concat!("../../../migrations/", $name, ".sql")),
            down: include_str!(concat!("../../../migrations/", $name, ".down.sql")),
        },)*];
    };
}

migrations! {
    0 "000_users_schema",
    1 "001_initial_schema",
    2 "002_initial_seed",
    3 "003_regulatory_documents",
    4 "004_add_regulatory_agent_role",
    5 "005_sessions",
    6 "006_conversations",
    7 "007_workflow",
    8 "008_turns",
    9 "009_workflow_control",
    10 "010_regulatory_passages",
    11 "011_accounts",
    12 "012_account_mail",
    13 "013_account_data",
    14 "014_operators",
    15 "015_operations",
}

/// The committed matrix: every grant, policy and function of the newest schema.
pub const MATRIX: &str = include_str!("../../../migrations/matrix.txt");

impl Migration {
    /// Why going down loses data, if it does: the rest of a `-- lossy:` line.
    pub fn lossy(&self) -> Option<&'static str> {
        lossy(self.down)
    }
}

/// The reason in a down file's `-- lossy:` line.
pub fn lossy(down: &str) -> Option<&str> {
    down.lines().find_map(|line| line.strip_prefix("-- lossy:")).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_equals_the_folder() {
        let folder = launcher::workspace::root().join("migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder")
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.ends_with(".sql"))
            .collect();
        files.sort();
        let mut listed: Vec<String> =
            MIGRATIONS.iter().flat_map(|m| [format!("{}.sql", m.name), format!("{}.down.sql", m.name)]).collect();
        listed.sort();
        assert_eq!(files, listed);
    }

    #[test]
    fn the_functions_require_the_newest_migration() {
        assert_eq!(MIGRATIONS.last().map(|m| m.version), Some(shared::readiness::REQUIRED_MIGRATION));
    }
}
