//! The evaluation material: a folder outside of the checkout, named by one variable. It cannot be published with the code, so a
//! clone has none, and what wants it is skipped there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::{LauncherError, Result};

/// Names the folder. It holds `eval/` (development sets) and `knowledge/` (the official texts).
pub const REFERENCE: &str = "NAVIGATOR_REFERENCE";

/// The folder, if one is named. This is the one place that reads the variable, and nothing else looks outside of the checkout.
///
/// # Errors
/// One line: the variable names something else.
pub fn reference() -> Result<Option<PathBuf>> {
    named(std::env::var_os(REFERENCE).as_deref())
}

fn named(value: Option<&OsStr>) -> Result<Option<PathBuf>> {
    let Some(folder) = value.filter(|value| !value.is_empty()).map(Path::new) else { return Ok(None) };
    let wrong = |what: &str| Err(LauncherError::new(format!("{REFERENCE}={} {what}", folder.display())));
    if !folder.is_absolute() {
        // Tests run in their package's folder.
        return wrong("is relative; give the whole path, or unset it");
    }
    match ["eval", "knowledge"].iter().find(|part| !folder.join(part).is_dir()) {
        Some(part) => {
            wrong(&format!("has no folder {part}/; name the folder that holds eval/ and knowledge/, or unset it"))
        }
        None => Ok(Some(folder.to_path_buf())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variable_and_an_empty_one_name_nothing() {
        assert_eq!(named(None), Ok(None));
        assert_eq!(named(Some(OsStr::new(""))), Ok(None));
    }

    #[test]
    fn what_is_not_the_folder_is_said_with_what_to_do() {
        let root = crate::workspace::root();
        for (value, part) in [
            (OsStr::new("some/folder"), "give the whole path"),
            (root.as_os_str(), "has no folder eval/"),
            (root.join("tests").as_os_str(), "has no folder knowledge/"),
            (root.join("no-such-folder").as_os_str(), "has no folder eval/"),
        ] {
            let line = named(Some(value)).expect_err("it is not the folder").0;
            assert!(line.starts_with("NAVIGATOR_REFERENCE=") && line.contains(part), "{line}");
        }
    }
}
