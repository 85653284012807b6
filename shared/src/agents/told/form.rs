//! The form of the earlier system's output, as clients send it and as it is stored beside the message.
//!
//! Invariant: every member may be absent or null, none may be another; an array is never read as an object.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The whole output.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default, deny_unknown_fields)]
pub struct NavigatorOutput {
    /// The message, where that system's own words for it are not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What is asked for.
    #[serde(deserialize_with = "part", skip_serializing_if = "says_nothing")]
    pub meta_intent: Option<MetaIntent>,
    /// What the person has.
    #[serde(deserialize_with = "part", skip_serializing_if = "says_nothing")]
    pub clinical_context: Option<ClinicalContext>,
    /// What the person wants.
    #[serde(deserialize_with = "part", skip_serializing_if = "says_nothing")]
    pub service_intent: Option<ServiceIntent>,
    /// Where it comes from.
    #[serde(deserialize_with = "part", skip_serializing_if = "says_nothing")]
    pub metadata: Option<Origin>,
}

/// What is asked for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default, deny_unknown_fields)]
pub struct MetaIntent {
    /// The kind of request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_type: Option<RequestType>,
    /// The request in that system's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Whether it is an emergency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Alarm>,
    /// City, state or area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The company or the kind of plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insurance: Option<String>,
}

/// The kinds of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestType {
    /// A doctor of some kind is wanted.
    ExpertRequest,
    /// Care of some kind is wanted.
    ServiceRequest,
    /// Something hurts.
    SymptomReport,
    /// A question about a plan.
    PolicyQuestion,
}

/// What the person has.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default, deny_unknown_fields)]
pub struct ClinicalContext {
    /// The symptom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symptom: Option<String>,
    /// Where.
    #[serde(deserialize_with = "part", skip_serializing_if = "says_nothing")]
    pub body: Option<Body>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onset: Option<String>,
    /// For how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
}

/// A part of the body.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default, deny_unknown_fields)]
pub struct Body {
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<String>,
    /// The part of the region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subpart: Option<String>,
}

/// What the person wants.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default, deny_unknown_fields)]
pub struct ServiceIntent {
    /// The kind of doctor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
    /// The care or medicine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What of the plan is asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_detail_type: Option<String>,
}

/// Where the output comes from.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default, deny_unknown_fields)]
pub struct Origin {
    /// The person's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_user_text: Option<String>,
    /// What that system answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_response_created: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

/// Whether the other system takes it for an emergency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alarm {
    /// It does not, or says nothing.
    #[default]
    No,
    /// It is not sure.
    Unsure,
    /// It does.
    Yes,
}

const UNSURE: &str = "unsure";

impl Serialize for Alarm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::No => serializer.serialize_bool(false),
            Self::Unsure => serializer.serialize_str(UNSURE),
            Self::Yes => serializer.serialize_bool(true),
        }
    }
}

impl<'de> Deserialize<'de> for Alarm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;

        impl Visitor<'_> for Words {
            type Value = Alarm;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("true, false or \"unsure\"")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Alarm, E> {
                Ok(if value { Alarm::Yes } else { Alarm::No })
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Alarm, E> {
                if value == UNSURE { Ok(Alarm::Unsure) } else { Err(E::invalid_value(Unexpected::Str(value), &self)) }
            }
        }

        deserializer.deserialize_any(Words)
    }
}

/// An object or null: serde would read a struct from an array, too.
///
/// # Errors
/// The deserializer's, for anything else.
pub(crate) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|object| object.0))
}

/// [`object`], none when there is nothing in it.
fn part<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Default + Deserialize<'de> + PartialEq,
    D: Deserializer<'de>,
{
    Ok(object(deserializer)?.filter(|part| *part != T::default()))
}

struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, members: M) -> Result<T, M::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

fn says_nothing<T: Default + PartialEq>(part: &Option<T>) -> bool {
    part.as_ref().is_none_or(|part| *part == T::default())
}

impl NavigatorOutput {
    /// Takes out the person's words, with the pointer they stand at: what they wrote, else the message, else the summary. A
    /// blank text is passed over while there is another. The summary stays: it is that system's.
    pub fn take_words(&mut self) -> (&'static str, Option<String>) {
        let written = self.metadata.as_mut().and_then(|origin| origin.raw_user_text.take());
        let summary = self.meta_intent.as_ref().and_then(|meta| meta.summary.clone());
        let places = [
            ("/data/metadata/raw_user_text", written),
            ("/data/message", self.message.clone()),
            ("/data/meta_intent/summary", summary),
        ];
        let has_words = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let at = places.iter().position(|(_, text)| has_words(text));
        let at = at.or_else(|| places.iter().position(|(_, text)| text.is_some())).unwrap_or(0);
        if at == 1 {
            self.message = None;
        }
        places.into_iter().nth(at).unwrap_or_default()
    }

    /// Whether that system takes it for an emergency.
    pub fn alarm(&self) -> Alarm {
        self.meta_intent.as_ref().and_then(|meta| meta.emergency).unwrap_or_default()
    }

    /// The texts that say how the person is, each as a sentence.
    pub(super) fn conditions(&self) -> Vec<String> {
        let summary = self.meta_intent.as_ref().and_then(|meta| meta.summary.clone());
        let symptom = self.clinical_context.as_ref().and_then(|context| {
            let since = context.onset.as_deref().into_iter().chain(context.duration.as_deref());
            let symptom = context.symptom.as_deref()?;
            Some(since.fold(format!("I have {symptom}"), |sentence, since| format!("{sentence} {since}")))
        });
        [self.message.clone(), summary, symptom].into_iter().flatten().collect()
    }

    /// Every text, with the pointer it stands at.
    pub fn texts(&self) -> Vec<(&'static str, &str)> {
        let (meta, context) = (self.meta_intent.as_ref(), self.clinical_context.as_ref());
        let (service, origin) = (self.service_intent.as_ref(), self.metadata.as_ref());
        let body = context.and_then(|context| context.body.as_ref());
        let texts = [
            ("/data/message", self.message.as_ref()),
            ("/data/meta_intent/summary", meta.and_then(|meta| meta.summary.as_ref())),
            ("/data/meta_intent/location", meta.and_then(|meta| meta.location.as_ref())),
            ("/data/meta_intent/insurance", meta.and_then(|meta| meta.insurance.as_ref())),
            ("/data/clinical_context/symptom", context.and_then(|context| context.symptom.as_ref())),
            ("/data/clinical_context/body/region", body.and_then(|body| body.region.as_ref())),
            ("/data/clinical_context/body/side", body.and_then(|body| body.side.as_ref())),
            ("/data/clinical_context/body/subpart", body.and_then(|body| body.subpart.as_ref())),
            ("/data/clinical_context/onset", context.and_then(|context| context.onset.as_ref())),
            ("/data/clinical_context/duration", context.and_then(|context| context.duration.as_ref())),
            ("/data/service_intent/specialty", service.and_then(|service| service.specialty.as_ref())),
            ("/data/service_intent/service", service.and_then(|service| service.service.as_ref())),
            ("/data/service_intent/plan_detail_type", service.and_then(|service| service.plan_detail_type.as_ref())),
            ("/data/metadata/raw_user_text", origin.and_then(|origin| origin.raw_user_text.as_ref())),
            ("/data/metadata/user_response_created", origin.and_then(|origin| origin.user_response_created.as_ref())),
            ("/data/metadata/timestamp", origin.and_then(|origin| origin.timestamp.as_ref())),
        ];
        texts.into_iter().filter_map(|(pointer, text)| Some((pointer, text?.as_str()))).collect()
    }
}
