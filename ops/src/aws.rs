//! What AWS says, for people: one line with what happened and what to do. Everything of `ops` that asks AWS comes here.

use std::error::Error;

use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};

use crate::checks::Trouble;

const CREDENTIALS: &str =
    "run: aws configure (or aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/// Why a call failed, and what to do; `what` begins the sentence.
pub(crate) fn trouble<E>(what: &str, error: &SdkError<E>) -> Trouble
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let (found, advice) = match error.as_service_error() {
        Some(service) if service.code().is_some() => {
            refused(service.code().unwrap_or_default(), service.message().unwrap_or_default())
        }
        _ => unheard(&causes(error)),
    };
    Trouble::new(format!("{what}: {found}"), advice)
}

/// AWS answered with a refusal.
fn refused(code: &str, message: &str) -> (String, &'static str) {
    match code {
        "ResourceNotFoundException" => (
            "there is none of this name in this region and account".to_owned(),
            "give the ARN as the console or the stack's output shows it, its region in AWS_REGION and its account by AWS_PROFILE",
        ),
        "AccessDeniedException" | "AccessDenied" => (
            format!("this AWS login may not do it ({message})"),
            "let it read and write this secret (secretsmanager:GetSecretValue, PutSecretValue), or choose another login with AWS_PROFILE",
        ),
        "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => (
            "the AWS credentials have expired".to_owned(),
            "run: aws sso login (or aws configure), and see that this clock is right",
        ),
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "InvalidAccessKeyId"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => ("AWS does not accept these credentials".to_owned(), CREDENTIALS),
        "ValidationException" | "InvalidParameterException" | "InvalidRequestException" => (
            format!("AWS refuses the request ({message})"),
            "see that the ARN is whole and the secret is not being deleted",
        ),
        "DecryptionFailure" | "EncryptionFailure" => {
            (format!("AWS cannot use the secret's key ({message})"), "let this login use the KMS key of the secret")
        }
        "ThrottlingException" | "Throttling" | "InternalServiceError" | "ServiceUnavailable" => {
            (format!("AWS has no time for it ({code})"), "wait a little, and run it again")
        }
        _ => (format!("{code}: {message}"), "see what the AWS documentation of Secrets Manager says of this code"),
    }
}

/// The request did not come to AWS.
fn unheard(causes: &[String]) -> (String, &'static str) {
    let all = causes.join(": ").to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| all.contains(word));
    if says(&["missing region", "missing signing region", "region must be set", "no region"]) {
        return (
            "no AWS region is set".to_owned(),
            "set AWS_REGION to the secret's region (the fourth part of its ARN), or run: aws configure",
        );
    }
    if says(&["sso", "token has expired", "session has expired"]) && says(&["expired", "refresh", "login"]) {
        return ("the AWS sign-in has expired".to_owned(), "run: aws sso login");
    }
    if says(&["profile"]) && says(&["not defined", "not found", "could not find", "did not contain"]) {
        return (
            "the AWS profile is not there".to_owned(),
            "correct AWS_PROFILE (aws configure list-profiles), or make it: aws configure",
        );
    }
    if says(&["credential"]) {
        return ("no AWS credentials are found here".to_owned(), CREDENTIALS);
    }
    let last = causes.last().map_or("no reason is given", String::as_str);
    (format!("AWS cannot be reached ({last})"), "check this network, a proxy, AWS_REGION and AWS_ENDPOINT_URL")
}

/// What each cause says, the outermost first.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut all = vec![error.to_string()];
    let mut inner = error.source();
    while let Some(cause) = inner {
        all.push(cause.to_string());
        inner = cause.source();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_come_to_aws_is_told_by_its_cause() {
        for (causes, part) in [
            (
                &[
                    "dispatch failure",
                    "other",
                    "the credential provider was not enabled",
                    "no providers in chain provided credentials",
                ][..],
                "no AWS credentials",
            ),
            (
                &["dispatch failure", "io error", "tcp connect error", "Connection refused (os error 111)"],
                "Connection refused",
            ),
            (&["failed to construct request", "Invalid Configuration: Missing Region"], "no AWS region"),
            (&["failed to construct request", "missing signing region"], "no AWS region"),
            (&["dispatch failure", "the SSO token has expired and cannot be refreshed"], "has expired"),
            (&["dispatch failure", "profile `x` was not defined", "credentials"], "profile is not there"),
            (&[], "no reason"),
        ] {
            let causes: Vec<String> = causes.iter().map(|cause| (*cause).to_owned()).collect();
            let (found, advice) = unheard(&causes);
            assert!(found.contains(part) && !advice.is_empty(), "{found}");
        }
    }

    #[test]
    fn a_refusal_is_told_by_its_code_and_never_as_a_structure() {
        for (code, part) in [
            ("ResourceNotFoundException", "none of this name"),
            ("AccessDeniedException", "may not do it"),
            ("UnrecognizedClientException", "does not accept"),
            ("SomethingNew", "SomethingNew: m"),
        ] {
            let (found, advice) = refused(code, "m");
            assert!(found.contains(part) && !advice.is_empty() && !found.contains('{'), "{found}");
        }
    }
}
