//! Services and medicines that denials and questions are about, by their names in both languages.
//!
//! Invariant: what is found is a name of this table, never the person's own words, so that nothing of a person can come
//! back through it.

use std::sync::LazyLock;

use crate::agents::fold::Text;
use crate::agents::fold::phrases::Phrases;

/// A service or item: its name in English and Spanish, and the patterns that find it.
pub struct Service {
    /// In English, as it stands in a sentence.
    pub en: &'static str,
    /// In Spanish, with no article.
    pub es: &'static str,
    patterns: &'static [&'static str],
}

macro_rules! services {
    ($($en:literal, $es:literal: $($pattern:literal)+;)*) => {
        &[$(Service { en: $en, es: $es, patterns: &[$($pattern),+] },)*]
    };
}

/// Every service; the more specific first.
pub const SERVICES: &[Service] = services! {
    "knee replacement", "reemplazo de rodilla": "knee replacement|replacements" "total knee" "reemplazo de rodilla";
    "hip replacement", "reemplazo de cadera": "hip replacement" "reemplazo de cadera";
    "knee surgery", "cirugía de rodilla": "knee surgery|operation" "cirugia|operacion de ~1 rodilla";
    "hip surgery", "cirugía de cadera": "hip surgery|operation" "cirugia|operacion de ~1 cadera";
    "back surgery", "cirugía de espalda": "back|spine|spinal surgery|fusion|operation" "cirugia|operacion de ~1 espalda|columna";
    "cataract surgery", "cirugía de cataratas": "cataract|cataracts surgery?" "cataratas";
    "heart surgery", "cirugía del corazón": "heart|bypass surgery" "cirugia del corazon";
    "weight loss surgery", "cirugía para bajar de peso": "bariatric|gastric surgery|bypass|sleeve" "cirugia bariatrica";
    "MRI", "resonancia magnética": "mri|mris" "resonancia magnetica?";
    "CT scan", "tomografía": "ct|cat scan|scans" "tomografia";
    "PET scan", "tomografía PET": "pet scan";
    "ultrasound", "ultrasonido": "ultrasound|sonogram" "ultrasonido|ecografia";
    "x-ray", "radiografía": "x ray|rays" "xray" "radiografia|placa";
    "mammogram", "mamografía": "mammogram*" "mamografia";
    "colonoscopy", "colonoscopia": "colonoscopy|colonoscopies" "colonoscopia";
    "genetic test", "prueba genética": "genetic test|testing" "prueba|examen genetica|genetico";
    "sleep study", "estudio del sueño": "sleep study|test" "estudio del sueno";
    "biopsy", "biopsia": "biopsy" "biopsia";
    "blood test", "análisis de sangre": "blood|lab test|tests|work" "labs" "analisis|examen de sangre";
    "power wheelchair", "silla de ruedas eléctrica": "power|electric|motorized wheelchair|chair|scooter" "silla de ruedas electrica|motorizada";
    "wheelchair", "silla de ruedas": "wheelchair|wheelchairs" "silla|sillas de ruedas";
    "hospital bed", "cama de hospital": "hospital bed" "cama de hospital|hospitalaria";
    "walker", "andador": "walker" "andador";
    "oxygen equipment", "equipo de oxígeno": "oxygen" "oxigeno";
    "CPAP machine", "máquina CPAP": "cpap";
    "insulin pump", "bomba de insulina": "insulin pump" "bomba de insulina";
    "glucose monitor", "monitor de glucosa": "glucose monitor|sensor" "cgm" "monitor de glucosa";
    "hearing aids", "audífonos": "hearing aid|aids" "audifonos|audifono|aparatos auditivos?";
    "glasses", "lentes": "glasses|eyeglasses|lenses" "lentes|anteojos|gafas";
    "eye exam", "examen de los ojos": "eye exam*" "examen de ~1 ojos|vista";
    "dental implant", "implante dental": "dental implant|implants" "implante|implantes dental|dentales";
    "dentures", "dentadura": "dentures" "dentadura|dentaduras";
    "braces", "frenos dentales": "braces" "frenos|frenillos";
    "dental care", "atención dental": "dental|dentist|teeth|tooth" "dental|dentista|dientes|muelas";
    "inpatient rehab", "rehabilitación": "rehab|rehabilitation" "rehabilitacion";
    "skilled nursing care", "atención de enfermería especializada": "skilled nursing" "nursing home|facility" "snf" "enfermeria especializada" "asilo|hogar de ancianos";
    "home health care", "atención médica en el hogar": "home health|care" "health aide" "cuidado|atencion|salud en el hogar|casa";
    "hospice care", "cuidado de hospicio": "hospice" "hospicio";
    "physical therapy", "terapia física": "physical therapy" "pt visits|sessions" "terapia fisica" "fisioterapia";
    "speech therapy", "terapia del habla": "speech therapy" "terapia de|del habla|lenguaje";
    "occupational therapy", "terapia ocupacional": "occupational therapy" "terapia ocupacional";
    "mental health treatment", "tratamiento de salud mental": "mental health" "suicide ~1 treatment" "suicide treatment" "psychiatric|psychiatrist" "salud mental" "psiquiatr*";
    "therapy sessions", "sesiones de terapia": "therapy|therapist|counseling" "terapia|psicolog*";
    "addiction treatment", "tratamiento de adicciones": "addiction|detox|alcohol ~2 treatment|program|rehab" "adiccion|adicciones";
    "ambulance ride", "viaje en ambulancia": "ambulance" "ambulancia";
    "emergency room visit", "visita a la sala de emergencias": "emergency room|visit" "er visit|bill|doctor|trip" "sala de emergencias|urgencias";
    "hospital stay", "estancia en el hospital": "hospital stay|admission" "hospitalization" "hospitalizacion" "estancia en el hospital";
    "chemotherapy", "quimioterapia": "chemo|chemotherapy" "quimioterapia";
    "radiation treatment", "radioterapia": "radiation|proton therapy?" "radioterapia|radiacion";
    "cancer treatment", "tratamiento del cáncer": "cancer treatment|care|drug" "tratamiento del|de cancer";
    "dialysis", "diálisis": "dialysis" "dialisis";
    "infusion", "infusión": "infusion|infusions" "infusion|infusiones";
    "injection", "inyección": "injection|injections|shots|epidural" "inyeccion|inyecciones";
    "shingles shot", "vacuna contra el herpes zóster": "shingles|shingrix" "herpes zoster" "culebrilla";
    "vaccine", "vacuna": "vaccine|vaccines|vaccination|flu shot?" "vacuna|vacunas";
    "acupuncture", "acupuntura": "acupuncture" "acupuntura";
    "chiropractor visit", "visita al quiropráctico": "chiropract*" "quiropract*";
    "fertility treatment", "tratamiento de fertilidad": "ivf|fertility" "fertilidad";
    "gym membership", "membresía de gimnasio": "gym|silversneakers" "gimnasio";
    "transplant", "trasplante": "transplant" "trasplante";
    "rides to care", "transporte al médico": "ride|rides|transportation to|for" "transporte";
    "telehealth visit", "visita por video": "telehealth|telemedicine" "telemedicina|telesalud";
    "specialist visit", "visita a un especialista": "specialist" "especialista";
    "care outside the U.S.", "atención fuera de los Estados Unidos": "travel|traveling|travelling|trip|vacation ~6 to|in|outside|abroad|overseas" "abroad|overseas" "outside ~3 us|usa|states|country" "foreign country" "viajo|viaje|viajar|viajando ~4 a|al|fuera" "fuera del|de ~2 pais|eeuu" "en el extranjero";
    "surgery", "cirugía": "surgery|operation|procedure" "cirugia|operacion|operarme";
    "doctor visit", "visita al médico": "doctor|office visit|visits" "visita|consulta al|con|medica medico?";
    "scan", "estudio de imagen": "scan|scans|imaging";
    "claim", "reclamo": "claim|claims" "reclamo|reclamacion";
    "medicine", "medicina": "medicine|medication|medications|prescription|prescriptions|drug" "medicina|medicinas|medicamento|medicamentos|receta";
};

/// Medicines that people name, as they are written.
const DRUGS: &str = "Ozempic Wegovy Mounjaro Zepbound Trulicity Jardiance Farxiga Januvia Metformin Lantus Humalog \
    Novolog Eliquis Xarelto Warfarin Plavix Entresto Repatha Praluent Lipitor Atorvastatin Humira \
    Enbrel Stelara Skyrizi Rinvoq Cosentyx Otezla Dupixent Prolia Evenity Keytruda Opdivo Ibrance \
    Imbruvica Revlimid Xtandi Tagrisso Gleevec Ocrevus Tysabri Copaxone Leqembi Kisunla Aimovig Nurtec \
    Ubrelvy Botox Symbicort Trelegy Spiriva Advair Xolair Synthroid Gabapentin Lyrica Cymbalta Latuda \
    Vraylar Adderall Eylea Restasis";

static FOUND: LazyLock<Phrases<u16>> = LazyLock::new(|| {
    let numbered = SERVICES.iter().zip(0_u16..);
    let patterns: Vec<(u16, &'static str)> =
        numbered.flat_map(|(service, number)| service.patterns.iter().map(move |pattern| (number, *pattern))).collect();
    Phrases::new(&patterns, &[])
});

/// Services that are named when nothing better is.
const VAGUE: [&str; 4] = ["claim", "medicine", "scan", "surgery"];

/// The service that a text is about: the one named first, of those that say more than "claim" if there is one.
pub fn service(text: &Text) -> Option<&'static Service> {
    let mut vague = None;
    for sentence in text.sentences() {
        let words: Vec<&str> = sentence.iter().map(|(word, _)| *word).collect();
        let mut hits = FOUND.find(&words);
        hits.sort_by_key(|hit| (hit.start, hit.tag));
        for service in hits.iter().filter_map(|hit| SERVICES.get(usize::from(hit.tag))) {
            if !VAGUE.contains(&service.en) {
                return Some(service);
            }
            let _ = vague.get_or_insert(service);
        }
    }
    vague
}

/// Words of names that say nothing of the thing.
const GENERAL: [&str; 9] = ["ride", "visit", "care", "treatment", "stay", "shot", "machine", "equipment", "sessions"];
/// Names that the official texts do not use, and their word.
const IN_TEXTS: &[(&str, &[&str])] = &[
    ("glasses", &["eyeglasses"]),
    ("skilled nursing care", &["nursing"]),
    ("power wheelchair", &["wheelchair"]),
    ("glucose monitor", &["glucose"]),
    ("dental implant", &["dental"]),
    ("braces", &["dental"]),
    ("weight loss surgery", &["bariatric"]),
    ("inpatient rehab", &["rehabilitation"]),
    ("rides to care", &["transportation"]),
    ("chiropractor visit", &["chiropractic"]),
    ("telehealth visit", &["telehealth"]),
    ("care outside the U.S.", &["outside"]),
];

/// The words by which the official texts name a service, folded.
pub fn text_words(service: &Service) -> Vec<String> {
    if let Some((_, words)) = IN_TEXTS.iter().find(|(en, _)| *en == service.en) {
        return words.iter().map(|word| (*word).to_owned()).collect();
    }
    let own = Text::new(service.en);
    own.words().filter(|word| !GENERAL.contains(word)).map(ToOwned::to_owned).collect()
}

/// Whether a name says what it is: one of the table, and not a vague one.
pub fn is_exact(en: &str) -> bool {
    !VAGUE.contains(&en) && named(en).is_some()
}

/// The service with this English name.
pub fn named(en: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.en == en)
}

/// The medicine that a text names.
pub fn drug(text: &Text) -> Option<&'static str> {
    text.words().find_map(|word| DRUGS.split_whitespace().find(|drug| drug.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thing_is_found_in_both_languages() {
        assert_eq!(FOUND.rejected(), [""; 0]);
        for (text, en) in [
            ("My insurance denied my MRI", Some("MRI")),
            ("the claim for my ambulance ride came back denied", Some("ambulance ride")),
            ("my claim got denied what now", Some("claim")),
            ("me negaron la silla de ruedas", Some("wheelchair")),
            ("negó mi cirugía de rodilla", Some("knee surgery")),
            ("my suicide-treatment claim was denied", Some("mental health treatment")),
            ("¿Cubren los lentes?", Some("glasses")),
            ("Medicaid said no to my power chair", Some("power wheelchair")),
            ("Humana Gold Plus denied me", None),
            ("¿cuánto tengo que pagar?", None),
        ] {
            assert_eq!(service(&Text::new(text)).map(|service| service.en), en, "{text}");
        }
        assert_eq!(drug(&Text::new("rejected my eliquis")), Some("Eliquis"));
        assert!(SERVICES.iter().all(|service| named(service.en).is_some()));
    }
}
