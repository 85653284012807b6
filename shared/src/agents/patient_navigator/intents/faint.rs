//! What says little by itself, for messages that say nothing clearer.

use super::{Intent, List};

pub(super) const LISTS: &[List] = &[
    (
        Intent::CoverageQuestion,
        2,
        &[
            "benefit|benefits|beneficio|beneficios",
            "do|does|will|would|can|is|are ~4 medicare|medicaid|plan|insurance|part|advantage ~6 @care",
            "@plan ~6 @care",
            "@care ~8 @plan",
        ],
    ),
    (
        Intent::AppealDenial,
        3,
        &[
            "refus*|reject*",
            "wont let|give",
            "took|taken away",
            "stopped paying|covering",
            "no me quier*|quisieron|aprob*",
        ],
    ),
    (
        Intent::PriorAuthorization,
        3,
        &[
            "approved|approve|approval|authorize*|permission|permiso ~6 yet|before|first|surgery|test|procedure",
            "has|have|did|is|was ~4 approved|authorized",
        ],
    ),
    (
        Intent::SurpriseBill,
        3,
        &[
            "network ~8 want|wants|paid|pay|charg*|bill*",
            "bill|bills|billed|factura|cobr*",
            "want|wants|wanted|ask|asks|asking|expect|expects|making|makes|made|make ~2 me|us|him|her ~2 pay|paying",
            "quiere|quieren|piden|pide|exigen ~3 pague|pagar|paguemos",
        ],
    ),
    (
        Intent::FinancialHelp,
        5,
        &[
            "discount|discounts|coupon|coupons|descuento|descuentos|cheaper|assistance",
            "state|someone|anyone|program|government ~1 pay|pays|help|helps ~4 premium|premiums|bill|bills|copay|copays|medicare|costs",
            "too high|much",
            "drowning|behind|struggling ~4 bills|debt|payments",
        ],
    ),
    (Intent::ExplainTerm, 6, &["@term ~1 the same as|thing", "same as ~2 @term"]),
    (Intent::ExplainDocument, 3, &["this|my|the|these|esta|este|mi @document", "@document about|from|says"]),
    (Intent::Fraud, 4, &["estaf*|fals*|fake|trick|tricked|robar*|robo|roban", "never happened"]),
    (
        Intent::Representative,
        5,
        &[
            "make|making decisions ~6 for|with",
            "decide|decisions ~3 for my|him|her",
            "dementia|alzheimers|incapacitated|coma ~12 insurance|medicare|plan|handle|manage",
        ],
    ),
    (
        Intent::PrivacyRequest,
        5,
        &[
            "my ~1 messages|data|information|conversation|chat ~2 saved|stored|kept|shared|safe|sold|recorded",
            "data|datos",
        ],
    ),
    (
        Intent::HumanHelp,
        4,
        &[
            "counseling|counselor|counselors|consejero|asesoria",
            "need|necesito|want|get ~1 help|ayuda",
            "help me",
            "ayudar*|ayudenme",
        ],
    ),
    (
        Intent::Enrollment,
        3,
        &[
            "eligible|qualify|requisitos|elegible",
            "start|starts|empieza ~2 medicare|coverage|plan",
            "marketplace|obamacare|medigap|mercado",
        ],
    ),
    (Intent::FindProvider, 3, &["@provider ~4 network|plan|insurance|seguro|medicaid|medicare", "network|red"]),
    (
        Intent::Smalltalk,
        3,
        &[
            "thanks|thank|thx|ty|gracias|appreciate",
            "hello|hi|hey|hola|greetings|howdy|yo",
            "good morning|afternoon|evening|night|day",
            "buenos|buenas dias|tardes|noches",
            "bye|goodbye|adios|ciao",
            "see you|ya",
            "very|so|super|really|was helpful|useful",
            "you helped|rock",
            "are|youre|ur ~1 great|awesome|wonderful|amazing|best|kind|good",
            "how are you",
            "como esta|estas",
            "^ ok|okay|great|perfect|awesome|cool|sure|yes|no|si|bueno|perfecto|fine|got $",
            "nice|pleasure ~1 to? meet|talking",
            "have a",
            "que tenga",
            "who|what are you",
            "are you ~3 real|human|robot|bot|person|computer",
        ],
    ),
];
