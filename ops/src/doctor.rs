//! doctor
use clap::Args;
/// x
#[derive(Debug, Args)]
pub struct DoctorArgs {}
/// x
pub async fn run(_a: &DoctorArgs) -> crate::Result<()> {
    Ok(())
}
