//! A start with a bad configuration lists every problem and names the variable.

use std::process::Command;

use tests::product::binary;

#[test]
fn every_function_lists_every_problem_of_its_environment_and_no_secret() {
    for function in launcher::workspace::SERVED {
        let output = Command::new(binary(function))
            .env_clear()
            .env("DATABASE_URL", "mysql://u:hunter2@h/d")
            .env("JWT_SECRET_KEY", "tooshort-hunter2")
            .env("JWT_ALGORITHM", "none")
            .env("TURN_RESERVE_MS", "soon")
            .output()
            .expect("the function runs");
        assert!(!output.status.success(), "{function} must not start");
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        for name in ["DATABASE_URL", "JWT_SECRET_KEY", "JWT_ALGORITHM", "TURN_RESERVE_MS"] {
            assert!(text.contains(name), "{function} does not name {name}: {text}");
        }
        assert!(!text.contains("hunter2"), "{text}");
    }
}
