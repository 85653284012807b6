//! The CAs that a deployed function trusts, and what it need not read.

use std::collections::BTreeSet;
use std::path::Path;

use launcher::workspace;
use openssl::asn1::Asn1Time;
use openssl::nid::Nid;
use openssl::x509::X509;
use serde_json::{Value, json};
use shared::llm::{AMAZONS_ROOTS, PROVIDERS, Provider};
use tests::template::Template;

const AMAZON: [&str; 5] = [
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
];
/// Where Debian has the system's.
const SYSTEM: &str = "/etc/ssl/certs/ca-certificates.crt";

#[test]
fn the_systems_cas_are_read_only_where_a_public_host_is_asked() {
    let template = Template::read();
    let absent = json!({ "Ref": "AWS::NoValue" });
    let (roots, file) = (json!([{ "Ref": "Roots" }]), json!(AMAZONS_ROOTS));
    let unless = |value: &Value| json!({ "Fn::If": ["AsksPublicHost", absent, value] });
    for (binary, function) in template.functions() {
        let may_ask_a_model = ["navigator", "resume"].contains(&binary);
        let wanted = if may_ask_a_model { (unless(&roots), unless(&file)) } else { (roots.clone(), file.clone()) };
        let variables = &function.property("Environment")["Variables"];
        assert_eq!((function.property("Layers"), variables["SSL_CERT_FILE"].clone()), wanted, "{binary}");
        let provider = if may_ask_a_model { json!({ "Ref": "LlmProvider" }) } else { Value::Null };
        assert_eq!(variables["LLM_PROVIDER"], provider, "{binary}");
    }
    // Who may be asked, and who of them is not AWS, is one list in the code.
    let names: Vec<&str> = PROVIDERS.iter().map(|(name, _)| *name).collect();
    let parameter = &template.section("Parameters")["LlmProvider"];
    assert_eq!((&parameter["AllowedValues"], &parameter["Default"]), (&json!(names), &json!("rules")));
    let is_public = |provider: &Option<Provider>| provider.is_some_and(|provider| !provider.is_aws());
    let public = PROVIDERS.iter().filter(|(_, provider)| is_public(provider));
    let each: Vec<Value> = public.map(|(name, _)| json!({ "Fn::Equals": [{ "Ref": "LlmProvider" }, name] })).collect();
    assert_eq!(template.section("Conditions")["AsksPublicHost"], json!({ "Fn::Or": each }));
    let layers = template.resources("AWS::Serverless::LayerVersion");
    assert_eq!(layers["Roots"]["Properties"]["ContentUri"], "functions/roots");
    // What lies in a layer's folder lies below /opt.
    assert!(workspace::root().join("functions/roots/amazon.pem").is_file());
}

#[test]
fn the_layers_cas_are_amazons_and_will_be_for_years() {
    let stack = |path: &Path| X509::stack_from_pem(&std::fs::read(path).expect("a file")).expect("certificates");
    let certificates = stack(&workspace::root().join("functions/roots/amazon.pem"));
    let in_two_years = Asn1Time::days_from_now(730).expect("a time");
    let name = |certificate: &X509| {
        let entry = certificate.subject_name().entries_by_nid(Nid::COMMONNAME).next().expect("a name");
        entry.data().to_string().expect("text")
    };
    let names: BTreeSet<String> = certificates.iter().map(name).collect();
    assert_eq!(names, AMAZON.map(ToOwned::to_owned).into());
    for certificate in &certificates {
        let own_key = certificate.public_key().expect("a key");
        assert!(certificate.verify(&own_key).expect("a signature") && certificate.not_after() > in_two_years);
    }
    if !Path::new(SYSTEM).is_file() {
        return tests::skip("the_layers_cas_are_amazons_and_will_be_for_years", "no system's CAs to compare with");
    }
    let trusted: BTreeSet<Vec<u8>> = stack(Path::new(SYSTEM)).iter().map(|one| one.to_der().expect("DER")).collect();
    assert!(
        certificates.iter().all(|one| trusted.contains(&one.to_der().expect("DER"))),
        "not what this system trusts"
    );
}
