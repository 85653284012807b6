//! The workflows' and steps' names, as they are stored. They are the seed system's.

use std::time::Duration;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stored name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value of a stored name; `None` for one that this version does not know.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
    };
}

named! {
    /// A sequence of steps.
    WorkflowType {
        /// security_check → navigator_analysis → task_requirements → service_strategy → regulatory_check → chat_response.
        StrategyRequest = "strategy_request",
        /// security_check → navigator_qa → regulatory_check → chat_response.
        NavigatorOnly = "navigator_only",
    }
}

named! {
    /// One agent's piece of work, committed before the next begins.
    Step {
        /// prompt_security looks for emergencies and attacks.
        SecurityCheck = "security_check",
        /// patient_navigator finds out what is asked.
        NavigatorAnalysis = "navigator_analysis",
        /// patient_navigator answers a plain question.
        NavigatorQa = "navigator_qa",
        /// task_requirements finds out what is missing.
        TaskRequirements = "task_requirements",
        /// service_access_strategy makes a plan.
        ServiceStrategy = "service_strategy",
        /// regulatory checks the claims.
        RegulatoryCheck = "regulatory_check",
        /// chat_communicator writes the reply.
        ChatResponse = "chat_response",
    }
}

/// What a step takes of an invocation's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepBudget {
    /// With less than this left it is not begun.
    pub needs: Duration,
    /// After this it is given up as an attempt that failed.
    pub timeout: Duration,
}

impl Step {
    /// The budget of this step's agent.
    pub fn budget(self) -> StepBudget {
        // Rules take a few milliseconds; the rest is for a throttled processor.
        StepBudget { needs: Duration::from_millis(100), timeout: Duration::from_secs(1) }
    }
}

impl WorkflowType {
    /// Where every run begins.
    pub const FIRST_STEP: Step = Step::SecurityCheck;

    /// What follows the security check when there is nothing to stop the turn.
    pub fn second_step(self) -> Step {
        match self {
            Self::StrategyRequest => Step::NavigatorAnalysis,
            Self::NavigatorOnly => Step::NavigatorQa,
        }
    }
}
