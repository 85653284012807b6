//! The state of a ZIP code, so that its counseling program can be named.

/// First and last of the first three digits, and the state (USPS Publication 65, three-digit prefixes).
const PREFIXES: &str = "5-5NY 6-7PR 8-8VI 9-9PR 10-27MA 28-29RI 30-38NH 39-49ME 50-54VT 55-55MA 56-59VT 60-69CT 70-89NJ \
    100-149NY 150-196PA 197-199DE 200-200DC 201-201VA 202-205DC 206-219MD 220-246VA 247-268WV 270-289NC \
    290-299SC 300-319GA 320-339FL 341-349FL 350-369AL 370-385TN 386-397MS 398-399GA 400-427KY 430-459OH \
    460-479IN 480-499MI 500-528IA 530-549WI 550-567MN 570-577SD 580-588ND 590-599MT 600-629IL 630-658MO \
    660-679KS 680-693NE 700-714LA 716-729AR 730-732OK 733-733TX 734-749OK 750-799TX 800-816CO 820-831WY \
    832-838ID 840-847UT 850-865AZ 870-884NM 885-885TX 889-898NV 900-961CA 967-968HI 969-969GU 970-979OR \
    980-994WA 995-999AK 340-340FL";

/// The postal code of the state that a ZIP code lies in.
pub fn state_of(zip: &str) -> Option<&'static str> {
    let prefix: u16 = zip.get(..3)?.parse().ok()?;
    PREFIXES.split_whitespace().find_map(|row| {
        let (first, rest) = row.split_once('-')?;
        let (last, state) = rest.split_at_checked(rest.len().checked_sub(2)?)?;
        (first.parse().ok()?..=last.parse().ok()?).contains(&prefix).then_some(state)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::help;

    #[test]
    fn a_zip_codes_state_is_by_its_first_digits() {
        for (zip, state) in [
            ("30076", Some("GA")),
            ("02139", Some("MA")),
            ("00901", Some("PR")),
            ("99501", Some("AK")),
            ("78701", Some("TX")),
            ("00100", None),
            ("x", None),
        ] {
            assert_eq!(state_of(zip), state, "{zip}");
        }
    }

    #[test]
    fn every_state_of_the_prefixes_has_a_program() {
        for row in PREFIXES.split_whitespace() {
            let state = row.get(row.len() - 2..).expect("a state");
            assert!(help::ship(state).is_some(), "{row}");
        }
    }
}
