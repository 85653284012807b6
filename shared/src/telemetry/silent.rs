//! What is never logged: types that hold a password, a token, a message, an answer, an address or a name have neither
//! `Debug` nor `Display`, so that no log line can be made of them. This list does not compile when one of them gets it.
//!
//! Unit tests give some of them `Debug` to say what differs (`cfg_attr(test, …)`); no binary has it, those built for the
//! suites included.

/// A type that has one of the two traits is also an `Unless` with another parameter; which one is meant is then
/// ambiguous, and that is an error.
macro_rules! never_logged {
    ($($type:ty),+ $(,)?) => {
        $(
            const _: fn() = || {
                trait Unless<Trait> {
                    fn holds() {}
                }
                struct Debug;
                struct Display;
                impl<T: ?Sized> Unless<()> for T {}
                impl<T: ?Sized + std::fmt::Debug> Unless<Debug> for T {}
                impl<T: ?Sized + std::fmt::Display> Unless<Display> for T {}
                let _holds = <$type as Unless<_>>::holds;
            };
        )+
    };
}

never_logged!(
    crate::accounts::AccountView,
    crate::accounts::Email,
    crate::accounts::FullName,
    crate::accounts::SignedIn,
    crate::auth::jws::Verified,
    crate::auth::jws::VerifyingKey,
    crate::auth::opaque::Derivation,
    crate::auth::opaque::RefreshToken,
    crate::auth::opaque::ResetToken,
    crate::auth::opaque::VerificationToken,
    crate::auth::token::Tokens,
    crate::http::Request,
);

#[cfg(feature = "password")]
never_logged!(crate::accounts::Credentials, crate::accounts::NewAccount, crate::auth::password::NewPassword);

#[cfg(not(test))]
never_logged!(crate::conversations::HistoryPage, crate::conversations::MessageView, crate::http::Reply);

#[cfg(all(feature = "regulatory", not(test)))]
never_logged!(crate::regulatory::QueryText, crate::regulatory::SearchQuery);

#[cfg(feature = "workflow")]
never_logged!(
    crate::agents::StepInput<'static>,
    crate::agents::StepOutput,
    crate::agents::pii::Redacted,
    crate::llm::Prompt,
    crate::workflow::Message,
    crate::workflow::NewTurn,
    crate::workflow::TurnAnswer,
    crate::workflow::TurnMetadata,
);

#[cfg(all(feature = "workflow", not(test)))]
never_logged!(
    crate::agents::ComposedReply,
    crate::agents::DatedDeadline,
    crate::agents::Evidence,
    crate::agents::PastMessage,
    crate::agents::advice::Wording,
    crate::agents::fold::Text,
    crate::agents::output_check::Violation,
    crate::agents::patient_navigator::Analysis,
    crate::agents::patient_navigator::Place,
    crate::agents::patient_navigator::QaAnswer,
    crate::agents::service_access_strategy::Strategy,
    crate::agents::task_requirements::Requirements,
    crate::agents::told::NavigatorOutput,
    crate::agents::told::Told,
    crate::agents::turn::Carried,
    crate::agents::turn::Facts,
    crate::agents::turn::TurnState,
    crate::llm::Question<'static>,
    crate::llm::Said,
);
