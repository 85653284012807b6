//! Mails as files (RFC 5322) in a folder: for development and tests, where nothing is to leave the machine.

use std::path::PathBuf;

use super::{Mail, MailError, Mailer, Sending};

/// Writes each mail as `ID.eml`.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Into this folder, which is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(path: PathBuf) -> Result<Self, MailError> {
        std::fs::create_dir_all(&path).map_err(|error| MailError(format!("MAIL_FOLDER cannot be made: {error}")))?;
        Ok(Self { path })
    }

    fn write(&self, mail: &Mail) -> Result<(), MailError> {
        // Encoded-words would hide the subject from whoever looks into the file.
        let text = format!(
            "To: {}\r\nSubject: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
            mail.to, mail.subject, mail.text
        );
        // Renamed into place: whoever waits for the file never sees half of it.
        let (part, whole) = (self.path.join(format!("{}.part", mail.id)), self.path.join(format!("{}.eml", mail.id)));
        std::fs::write(&part, text)
            .and_then(|()| std::fs::rename(&part, &whole))
            .map_err(|error| MailError(format!("the folder cannot be written: {error}")))
    }
}

impl Mailer for Folder {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        let result = self.write(mail);
        Box::pin(async move { result })
    }
}
