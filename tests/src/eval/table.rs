//! The table: rows, intervals, bars.

use std::fmt::Write as _;

/// One row.
#[derive(Clone, Debug)]
pub struct Section {
    /// What is measured, and on which set.
    pub name: String,
    /// The share found.
    pub measured: f64,
    /// Of how many.
    pub n: usize,
    /// The Wilson 95 % interval of the share.
    pub interval: (f64, f64),
    /// What is asked for.
    pub bar: Bar,
    /// Whether the bar is met.
    pub passed: bool,
    /// What was missed, a line each; not part of the table.
    pub misses: Vec<String>,
}

/// What a row must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bar {
    /// At least this share.
    AtLeast(f64),
    /// At most this share.
    AtMost(f64),
    /// Shown beside the others.
    Shown,
}

impl Section {
    /// A row of `hits` among `n`.
    pub fn new(name: impl Into<String>, hits: usize, n: usize, bar: Bar) -> Self {
        let measured = if n == 0 { 0.0 } else { hits as f64 / n as f64 };
        let passed = match bar {
            Bar::AtLeast(least) => n > 0 && measured >= least,
            Bar::AtMost(most) => measured <= most,
            Bar::Shown => true,
        };
        Self { name: name.into(), measured, n, interval: wilson(hits, n), bar, passed, misses: Vec::new() }
    }

    /// The row with what was missed.
    #[must_use]
    pub fn with_misses(mut self, misses: Vec<String>) -> Self {
        self.misses = misses;
        self
    }
}

/// The Wilson score interval at 95 %.
pub fn wilson(hits: usize, n: usize) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (z, n, share) = (1.959_964_f64, n as f64, hits as f64 / n as f64);
    let centre = share + z * z / (2.0 * n);
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
}

/// The rows as a Markdown table.
pub fn markdown(sections: &[Section]) -> String {
    let mut text = String::from("| what | measured | n | 95 % interval | bar | |\n|---|--:|--:|---|---|---|\n");
    for row in sections {
        let bar = match row.bar {
            Bar::AtLeast(least) => format!("≥ {}", percent(least)),
            Bar::AtMost(most) => format!("≤ {}", percent(most)),
            Bar::Shown => "–".to_owned(),
        };
        let (low, high) = row.interval;
        let verdict = if row.passed { "ok" } else { "**short**" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} to {} | {bar} | {verdict} |",
            row.name,
            percent(row.measured),
            row.n,
            percent(low),
            percent(high)
        );
    }
    text
}

fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // 8 of 10: (0.4902, 0.9433), worked by hand.
        let (low, high) = wilson(8, 10);
        assert!((low - 0.4902).abs() < 1e-4 && (high - 0.9433).abs() < 1e-4, "{low} {high}");
        assert_eq!(wilson(0, 0), (0.0, 1.0));
        let (low, high) = wilson(0, 50);
        assert!(low == 0.0 && (high - 0.0714).abs() < 1e-4, "{high}");
    }

    #[test]
    fn a_row_meets_its_bar_or_not() {
        assert!(Section::new("a", 95, 100, Bar::AtLeast(0.95)).passed);
        assert!(!Section::new("a", 94, 100, Bar::AtLeast(0.95)).passed);
        assert!(!Section::new("a", 0, 0, Bar::AtLeast(0.95)).passed, "nothing measured is nothing reached");
        assert!(!Section::new("a", 1, 100, Bar::AtMost(0.0)).passed);
        assert!(markdown(&[Section::new("x", 1, 3, Bar::AtLeast(0.5))]).contains("| x | 33.3 % | 3 |"));
    }
}
