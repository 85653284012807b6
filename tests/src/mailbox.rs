//! The mails of a product: files that the schedule's function writes.

use std::path::PathBuf;

use serde_json::json;

use crate::product::{Options, Product, product_with};

/// The folder of a product's mails.
pub struct Mailbox {
    folder: PathBuf,
}

/// A mail as it was written.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whom to.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// A product whose mails are files.
pub async fn product_with_mail(options: Options) -> (Product, Mailbox) {
    let folder = crate::stack::folder("mail");
    let mut options = options;
    options.environment.push(("MAIL_FOLDER".to_owned(), folder.display().to_string()));
    (product_with(options).await, Mailbox { folder })
}

impl Mailbox {
    /// Lets the schedule run, and takes what it sent.
    pub async fn collect(&self, product: &Product) -> Vec<Mail> {
        product.host.invoke("resume", json!({})).await.expect("a report");
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&self.folder).expect("the folder").flatten().map(|entry| entry.path()).collect();
        files.sort();
        files.iter().map(|file| take(file)).collect()
    }

    /// The code in the newest mail to an address.
    pub async fn code(&self, product: &Product, to: &str, prefix: &str) -> String {
        let mails = self.collect(product).await;
        let mut codes = mails.iter().rev().filter(|mail| mail.to == to).flat_map(|mail| mail.text.lines());
        codes.find(|line| line.starts_with(prefix)).map(ToOwned::to_owned).expect("a mail with a code")
    }
}

fn take(file: &std::path::Path) -> Mail {
    let text = std::fs::read_to_string(file).expect("a mail");
    std::fs::remove_file(file).expect("removed");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let field =
        |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    Mail { to: field("To:"), subject: field("Subject:"), text: body.to_owned() }
}
