//! The care, drug or thing that a message is about, and the kind of doctor: names of our own, never the person's words.

use std::sync::LazyLock;

use crate::agents::fold::phrases::Phrases;
use crate::agents::prompt_security::triage::Message;

/// The name of the care, drug or thing that a message is about.
pub(super) fn service(message: &Message) -> Option<&'static str> {
    first(message, &SERVICES)
}

/// The kind of doctor or place that is looked for.
pub(super) fn specialty(message: &Message) -> Option<&'static str> {
    first(message, &SPECIALTIES)
}

/// Conditions that a message names.
pub(super) fn conditions(message: &Message) -> Vec<&'static str> {
    let view = message.view();
    let mut found: Vec<&'static str> =
        view.sentences.iter().flat_map(|sentence| CONDITIONS.find(&sentence.words)).map(|hit| hit.tag).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a denial's object is a claim or a bill, whatever it was for.
pub(super) fn names_claim(message: &Message) -> bool {
    message.view().sentences.iter().any(|sentence| CLAIM.is_in(&sentence.words))
}

/// Whether a question about costs is about the plan's own amounts, for which no care need be named.
pub(super) fn names_amount_of_plan(message: &Message) -> bool {
    message.view().sentences.iter().any(|sentence| PLAN_AMOUNT.is_in(&sentence.words))
}

fn first(message: &Message, names: &Phrases<&'static str>) -> Option<&'static str> {
    message.view().sentences.iter().find_map(|sentence| names.find(&sentence.words).first().map(|hit| hit.tag))
}

static CLAIM: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "claim|claims|bill|bills|exception|reclamo|reclamos|reclamacion|factura",
            "request for|to",
            "stay|visit|admission|ride|order",
        ],
        &[],
    )
});

static PLAN_AMOUNT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "premium|premiums|deductible|deductibles|prima|primas|deducible",
            "out of pocket",
            "penalty|penalties|multa",
            "cap|limit|maximum|moop",
            "donut|doughnut hole",
            "coverage gap",
            "irmaa",
            "part|parte a|b|d",
            "plan|coverage|insurance|policy ~1 cost|costs|price",
            "bronze|silver|gold plan",
        ],
        &[],
    )
});

static SERVICES: LazyLock<Phrases<&'static str>> = LazyLock::new(|| {
    Phrases::new(
        &[
            ("MRI", "mri|mris|resonancia"),
            ("CT scan", "ct|cat scan|scans"),
            ("CT scan", "tomografia"),
            ("PET scan", "pet scan|scans"),
            ("scan", "scan|scans|imaging"),
            ("X-ray", "xray|xrays|radiografia"),
            ("X-ray", "x ray|rays"),
            ("ultrasound", "ultrasound|ultrasonido|sonogram|echocardiogram"),
            ("genetic test", "genetic test|testing"),
            ("sleep study", "sleep study|test"),
            ("stress test", "stress test"),
            ("colonoscopy", "colonoscop*"),
            ("mammogram", "mammogra*|mamografia"),
            ("biopsy", "biopsy|biopsia"),
            ("blood test", "blood ~1 test|tests|work"),
            ("lab test", "lab|labs|test|tests|screening|examen|analisis|prueba"),
            ("vaccine", "vaccine|vaccines|vaccination|shot|shots|vacuna|vacunas|immunization*"),
            ("physical exam", "physical|wellness ~1 exam|visit|checkup"),
            ("rehabilitation", "rehab|rehabilitation|rehabilitacion"),
            ("skilled nursing", "skilled nursing|care|stay"),
            ("skilled nursing", "snf|nursing home|facility|stay"),
            ("home health care", "home health|care|aide|nurse|aides|attendant"),
            ("home health care", "cuidado en casa"),
            ("hospice", "hospice|hospicio"),
            ("physical therapy", "physical|occupational therapy"),
            ("physical therapy", "fisioterapia"),
            ("physical therapy", "terapia fisica"),
            ("speech therapy", "speech therapy"),
            (
                "mental health care",
                "therapy|therapist|counseling|psychotherapy|psiquiatra|terapia|psychiatr*|psicolog*",
            ),
            ("mental health care", "mental health"),
            ("treatment", "depression|suicide|addiction|substance ~1 treatment"),
            ("chemotherapy", "chemo|chemotherapy|quimioterapia|quimio"),
            ("radiation", "radiation|radiacion|radioterapia"),
            ("dialysis", "dialysis|dialisis"),
            ("infusion", "infusion|infusions"),
            ("injection", "injection|injections|inyeccion|epidural"),
            ("knee surgery", "knee|rodilla ~2 surgery|replacement|cirugia|operation"),
            ("knee surgery", "cirugia|reemplazo de|del ~1 rodilla"),
            ("hip surgery", "hip surgery|replacement"),
            ("back surgery", "back|spine|spinal|lumbar surgery|fusion"),
            ("cataract surgery", "cataract|cataracts|cataratas"),
            ("weight-loss surgery", "bariatric"),
            ("transplant", "transplant|trasplante"),
            ("surgery", "surgery|surgeries|surgical|cirugia|operation|operacion|procedure|procedimiento"),
            ("hospital stay", "hospital|inpatient ~1 stay|stays|admission|days"),
            ("hospital stay", "hospitalization|hospitalizacion|hospital"),
            ("emergency care", "er|emergency|emergencia|emergencias ~1 visit|room|care|department"),
            ("emergency care", "er|emergencias|urgencias"),
            ("urgent care", "urgent care"),
            ("ambulance", "ambulance|ambulancia"),
            ("transport", "transport|transportation|transporte|ride|rides"),
            ("wheelchair", "wheelchair*|scooter"),
            ("wheelchair", "power chair"),
            ("wheelchair", "silla|sillas de ruedas"),
            ("walker", "walker|walkers|crutches|cane|andador"),
            ("hospital bed", "hospital bed"),
            ("oxygen", "oxygen|oxigeno"),
            ("CPAP", "cpap|bipap"),
            ("glucose monitor", "glucose|dexcom|libre|cgm"),
            ("insulin pump", "insulin pump"),
            ("insulin", "insulin|insulina"),
            ("brace or prosthesis", "brace|braces|prosthe*|orthotic*|protesis"),
            ("equipment", "equipment|dme|supplies|cuff|equipo"),
            ("hearing aids", "hearing aid|aids|test|exam"),
            ("hearing aids", "audifonos"),
            ("glasses", "glasses|eyeglasses|lenses|contacts|lentes|anteojos|gafas|eyewear"),
            ("eye exam", "eye|vision exam|care|exams|test"),
            ("eye exam", "examen|examenes ~2 vista|ojos"),
            ("shoes", "shoes|inserts|zapatos"),
            (
                "dental care",
                "dental|dentures|dentista|implant|implants|crown|crowns|tooth|teeth|cleaning|root|dientes|dentaduras|muelas",
            ),
            ("acupuncture", "acupunctur*|acupuntura"),
            ("chiropractic care", "chiropract*|quiropract*"),
            ("massage", "massage"),
            ("gym membership", "gym|fitness|silversneakers|gimnasio"),
            ("meals", "meal|meals|groceries|comidas"),
            ("telehealth", "telehealth|telemedicine|telemedicina"),
            ("fertility treatment", "ivf|fertility"),
            ("maternity care", "maternity|pregnancy|delivery|prenatal|embarazo|parto"),
            ("birth control", "birth control"),
            ("birth control", "contraceptive*"),
            ("weight-loss drug", "ozempic|wegovy|mounjaro|zepbound|saxenda"),
            (
                "drug",
                "humira|eliquis|xarelto|repatha|entresto|jardiance|farxiga|januvia|trulicity|enbrel|stelara|keytruda|dupixent|skyrizi",
            ),
            (
                "drug",
                "cosentyx|botox|prolia|lantus|keppra|adderall|suboxone|biologic|biologics|statin|lipitor|metformin|epipen*|naloxone|narcan",
            ),
            (
                "drug",
                "drug|drugs|medicine|medicines|medication|medications|meds|prescription|prescriptions|pill|pills|inhaler|inhalers",
            ),
            ("drug", "medicina|medicinas|medicamento|medicamentos|receta|recetas|pastillas|refill"),
            ("specialist visit", "specialist|especialista"),
            ("doctor visit", "doctor|doctors|pcp|office|primary ~1 visit|visits|appointment"),
            ("doctor visit", "visit|visits|consulta|visita|appointment|cita"),
            ("treatment", "treatment|treatments|tratamiento|therapy"),
            ("nutrition counseling", "nutrition*|dietitian|dietician"),
            ("long-term care", "long term care"),
            ("weight-loss program", "weight loss"),
        ],
        &[],
    )
});

static SPECIALTIES: LazyLock<Phrases<&'static str>> = LazyLock::new(|| {
    Phrases::new(
        &[
            ("cardiology", "heart doctor|specialist"),
            ("cardiology", "cardiolog*"),
            ("dermatology", "dermatolog*"),
            ("dermatology", "skin doctor"),
            ("neurology", "neurolog*|neurosurg*"),
            ("oncology", "oncolog*"),
            ("oncology", "cancer doctor|center|specialist"),
            ("urology", "urolog*"),
            ("podiatry", "podiatr*|podolog*"),
            ("podiatry", "foot doctor"),
            ("pediatrics", "pediatric*|pediatra*"),
            ("orthopedics", "orthop*|ortopedi*"),
            ("orthopedics", "knee|hip|back|spine|shoulder doctor|surgeon|specialist"),
            ("gastroenterology", "gastroenterolog*|gi"),
            ("endocrinology", "endocrinolog*"),
            ("rheumatology", "rheumatolog*|reumatolog*"),
            ("pulmonology", "pulmonolog*|neumolog*"),
            ("ophthalmology", "ophthalmolog*|optometr*|oftalmolog*"),
            ("ophthalmology", "eye doctor|doctors|specialist|exam"),
            ("gynecology", "gynecolog*|obgyn|ginecolog*|midwife"),
            ("nephrology", "nephrolog*|nefrolog*"),
            ("kidney", "kidney doctor|specialist"),
            ("allergy", "allergist*|alergolog*"),
            ("hearing", "audiolog*"),
            ("hearing", "ear|hearing doctor|specialist"),
            ("ear, nose and throat", "ent|otolaryngolog*"),
            ("psychiatry", "psychiatr*|psiquiatr*"),
            ("mental health", "therapist*|psycholog*|psicolog*|counselor|counselors|terapeuta*"),
            ("mental health", "mental health"),
            ("dental", "dentist*|orthodont*|dental"),
            ("chiropractic", "chiropract*|quiropract*"),
            ("physical therapy", "physical therapist*|therapy"),
            ("surgery", "surgeon*|cirujan*"),
            ("primary care", "pcp|internist*"),
            ("primary care", "primary care|doctor"),
            ("primary care", "family doctor|practice|physician"),
            ("primary care", "medico ~1 familia|cabecera"),
            ("pain care", "pain clinic|management|doctor|specialist"),
            ("hospital", "hospital|hospitals|hospitales"),
            ("urgent care", "urgent care"),
            ("emergency room", "er|emergency"),
            ("pharmacy", "pharmacy|pharmacies|farmacia|farmacias"),
            ("laboratory", "lab|labs|laboratory|laboratorio|imaging"),
            ("mammogram", "mammogra*|mamografia"),
            ("nursing home", "nursing home|homes"),
            ("rehabilitation", "rehab"),
            ("nutrition", "dietitian*|nutritionist*|nutriolog*"),
            ("acupuncture", "acupunctur*"),
            ("dialysis", "dialysis"),
            ("home health care", "home health"),
        ],
        &[],
    )
});

static CONDITIONS: LazyLock<Phrases<&'static str>> = LazyLock::new(|| {
    Phrases::new(
        &[
            ("cancer", "cancer|tumor|leukemia|lymphoma|chemo|oncolog*"),
            ("diabetes", "diabet*|insulin|insulina"),
            ("heart disease", "cardiac|afib|infarto"),
            ("heart disease", "heart attack|failure|disease|surgery"),
            ("stroke", "stroke|derrame"),
            ("kidney disease", "dialysis|dialisis|kidney|renal"),
            ("lung disease", "copd|asthma|emphysema|asma"),
            ("mental health", "depression|anxiety|bipolar|depresion|ansiedad|ptsd"),
            ("dementia", "dementia|alzheimer|alzheimers|demencia"),
            ("pregnancy", "pregnant|pregnancy|embarazada"),
            ("epilepsy", "epilepsy|seizures|epilepsia"),
            ("arthritis", "arthritis|artritis"),
            ("substance use", "addiction|overdose|opioid*|adiccion|sobredosis"),
        ],
        &[],
    )
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        for list in [&SERVICES, &SPECIALTIES, &CONDITIONS] {
            assert_eq!(list.rejected(), [""; 0]);
        }
        assert_eq!(CLAIM.rejected(), [""; 0]);
        assert_eq!(PLAN_AMOUNT.rejected(), [""; 0]);
    }

    #[test]
    fn care_is_named_in_our_words() {
        let name = |text: &str| service(&Message::new(text));
        assert_eq!(name("They turned down my back surgery."), Some("back surgery"));
        assert_eq!(name("negaron la silla de ruedas"), Some("wheelchair"));
        assert_eq!(name("my plan said no"), None);
        assert_eq!(specialty(&Message::new("Is Dr. Lee in my network?")), None);
        assert_eq!(conditions(&Message::new("my chemo for cancer and diabetes")), ["cancer", "diabetes"]);
    }
}
