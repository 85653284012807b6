//! Mails by Amazon SES, with the function's role.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};

use super::{Mail, MailError, Mailer, Sending};

/// Sends from one address.
pub struct Ses {
    client: Client,
    from: String,
}

impl Ses {
    /// A client for the environment's region and role; `from` is an address or domain that SES has verified.
    pub async fn new(from: String) -> Self {
        let sdk = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .load()
            .await;
        Self { client: Client::new(&sdk), from }
    }

    async fn try_send(&self, mail: &Mail) -> Result<(), MailError> {
        let content = |text: &str| Content::builder().data(text).charset("UTF-8").build();
        let broken = |_| MailError("the mail cannot be put together".to_owned());
        let message = Message::builder()
            .subject(content(mail.subject).map_err(broken)?)
            .body(Body::builder().text(content(&mail.text).map_err(broken)?).build())
            .build();
        let sent = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await;
        // The service's own text may quote the address; its code does not.
        sent.map(|_| ()).map_err(|error| {
            let error = error.into_service_error();
            MailError(format!("SES: {}", error.meta().code().unwrap_or("no answer")))
        })
    }
}

impl Mailer for Ses {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(self.try_send(mail))
    }
}
