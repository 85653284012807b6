//! A bucket of Amazon S3, with the function's role.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;

use super::{ArchiveError, Place, Placing};

/// The folder of the files: the role may touch nothing else of the bucket.
const FOLDER: &str = "conversations";

pub(super) struct Bucket {
    client: Client,
    bucket: String,
    name: String,
}

impl Bucket {
    pub(super) async fn open(bucket: String) -> Self {
        let sdk = aws_config::defaults(aws_config::BehaviorVersion::latest()).load().await;
        Self { client: Client::new(&sdk), name: format!("s3://{bucket}/{FOLDER}"), bucket }
    }

    fn key(name: &str) -> String {
        format!("{FOLDER}/{name}")
    }

    fn failed(&self, what: &str, error: impl std::error::Error) -> ArchiveError {
        ArchiveError::Place(format!("{} cannot be {what}: {}", self.name, DisplayErrorContext(error)))
    }
}

impl Place for Bucket {
    fn name(&self) -> &str {
        &self.name
    }

    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Placing<'a, ()> {
        Box::pin(async move {
            let put = self.client.put_object().bucket(&self.bucket).key(Self::key(name));
            let put = put.checksum_algorithm(ChecksumAlgorithm::Sha256).body(ByteStream::from(bytes)).send().await;
            put.map(|_| ()).map_err(|error| self.failed("written to", error))
        })
    }

    fn get<'a>(&'a self, name: &'a str) -> Placing<'a, Vec<u8>> {
        Box::pin(async move {
            let got = self.client.get_object().bucket(&self.bucket).key(Self::key(name)).send().await;
            let got = got.map_err(|error| self.failed("read", error))?;
            Ok(got.body.collect().await.map_err(|error| self.failed("read", error))?.to_vec())
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> Placing<'a, ()> {
        Box::pin(async move {
            let removed = self.client.delete_object().bucket(&self.bucket).key(Self::key(name)).send().await;
            removed.map(|_| ()).map_err(|error| self.failed("cleared of what was not finished", error))
        })
    }
}
