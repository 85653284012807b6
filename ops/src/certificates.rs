//! A CA and a server certificate for local servers, so that development takes the same TLS path as production.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name};

use crate::{OpsError, Result};

const DAYS_VALID: u32 = 3_650;

/// The files of a local CA and the server certificate it signed for `localhost`, `127.0.0.1` and, where containers come in, the name or
/// address that they use.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The CA's certificate, PEM.
    pub ca: PathBuf,
    /// The server's certificate, PEM.
    pub certificate: PathBuf,
    /// The server's key, PEM (PKCS #8).
    pub key: PathBuf,
}

impl Certificates {
    /// The files in `folder`; made when absent, readable by the servers' user alone.
    ///
    /// # Errors
    /// When they cannot be made or written.
    pub fn ensure(folder: &Path) -> Result<Self> {
        Self::ensure_for(folder, None).map(|(files, _)| files)
    }

    /// [`Certificates::ensure`], for a certificate that is also `host`'s; and whether they were made now, because there were none or
    /// they were for other names.
    ///
    /// # Errors
    /// When they cannot be made, read or written.
    pub fn ensure_for(folder: &Path, host: Option<&str>) -> Result<(Self, bool)> {
        let files =
            Self { ca: folder.join("ca.pem"), certificate: folder.join("server.pem"), key: folder.join("server.key") };
        if files.key.is_file() && host.is_none_or(|host| files.are_for(host)) {
            return Ok((files, false));
        }
        let names: Vec<&str> = ["localhost"].into_iter().chain(host).collect();
        let [ca, certificate, key] =
            generate(&names).map_err(|error| OpsError::said(format!("certificates cannot be made: {error}")))?;
        for (path, pem) in [(&files.ca, ca), (&files.certificate, certificate), (&files.key, key)] {
            fs::write(path, pem).map_err(OpsError::io(format!("{} cannot be written", path.display())))?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(OpsError::io("certificates"))?;
            launcher::postgres::give_to_server(path)?;
        }
        Ok((files, true))
    }

    /// Whether the certificate is for this name or address; one that cannot be read is for none.
    fn are_for(&self, host: &str) -> bool {
        let certificate = fs::read(&self.certificate).ok().and_then(|pem| X509::from_pem(&pem).ok());
        let Some(names) = certificate.and_then(|certificate| certificate.subject_alt_names()) else { return false };
        let address = host.parse::<IpAddr>().ok().map(|address| match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        });
        names.iter().any(|name| match &address {
            Some(octets) => name.ipaddress() == Some(octets),
            None => name.dnsname() == Some(host),
        })
    }

    /// The CA's certificate as text.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn ca_pem(&self) -> Result<String> {
        fs::read_to_string(&self.ca).map_err(OpsError::io(format!("{} cannot be read", self.ca.display())))
    }
}

/// The PEM texts of a new CA, of a certificate that it signed for these host names or addresses and 127.0.0.1, and of its key.
///
/// # Errors
/// When OpenSSL refuses.
pub fn generate(names: &[&str]) -> std::result::Result<[Vec<u8>; 3], ErrorStack> {
    let ca_key = new_key()?;
    let ca_name = name("Insurance Navigator local CA")?;
    let mut ca = builder(&ca_name, &ca_name, &ca_key)?;
    ca.append_extension(BasicConstraints::new().critical().ca().build()?)?;
    ca.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
    ca.sign(&ca_key, MessageDigest::sha256())?;
    let ca = ca.build();
    let key = new_key()?;
    let mut server = builder(&name(names.first().copied().unwrap_or("localhost"))?, &ca_name, &key)?;
    let mut alternatives = SubjectAlternativeName::new();
    alternatives.ip("127.0.0.1");
    for name in names {
        match name.parse::<IpAddr>() {
            Ok(_) => alternatives.ip(name),
            Err(_) => alternatives.dns(name),
        };
    }
    let alternatives = alternatives.build(&server.x509v3_context(Some(&ca), None))?;
    server.append_extension(alternatives)?;
    server.sign(&ca_key, MessageDigest::sha256())?;
    Ok([ca.to_pem()?, server.build().to_pem()?, key.private_key_to_pem_pkcs8()?])
}

fn new_key() -> std::result::Result<PKey<Private>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&group)?)
}

fn name(common_name: &str) -> std::result::Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::COMMONNAME, common_name)?;
    Ok(name.build())
}

fn builder(subject: &X509Name, issuer: &X509Name, key: &PKey<Private>) -> std::result::Result<X509Builder, ErrorStack> {
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    let serial = serial.to_asn1_integer()?;
    builder.set_serial_number(&serial)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    let (from, to) = (Asn1Time::days_from_now(0)?, Asn1Time::days_from_now(DAYS_VALID)?);
    builder.set_not_before(&from)?;
    builder.set_not_after(&to)?;
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_made_again_only_for_a_name_that_it_lacks() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = |host| Certificates::ensure_for(folder.path(), host).expect("certificates").1;
        assert!(made(None));
        assert!(!made(None) && !made(Some("localhost")) && !made(Some("127.0.0.1")));
        for host in ["172.17.0.1", "host.docker.internal", "::1"] {
            assert!(made(Some(host)), "{host}");
            assert!(!made(Some(host)) && !made(None) && !made(Some("127.0.0.1")), "{host}");
        }
    }
}
