//! Sets of words that the navigator's patterns share.

use crate::agents::fold::phrases::WordSet;

/// The sets, for `@name`.
pub(super) const SETS: &[WordSet] = &[
    (
        "provider",
        "doctor doctors dr doc physician physicians pcp dentist dentists specialist specialists hospital hospitals clinic \
         clinics pharmacy pharmacies therapist therapists psychiatrist psychiatrists psychologist* surgeon* provider \
         providers cardiolog* dermatolog* neurolog* oncolog* urolog* podiatr* pediatric* orthoped* gastroenterolog* \
         endocrinolog* rheumatolog* pulmonolog* ophthalmolog* optometr* gynecolog* obgyn midwife chiropract* nephrolog* \
         allergist* audiolog* counselor* internist* medico medica medicos medicas dentista* especialista* clinica farmacia \
         psiquiatra* psicolog* cirujan* pediatra* ginecolog* eye urgent lab labs nutritionist dietitian acupuncturist* radiolog* anesthesiolog* pathologist*",
    ),
    (
        "plan",
        "medicare medicaid insurance plan plans hmo ppo coverage humana aetna cigna kaiser unitedhealthcare uhc anthem bcbs \
         blue ambetter oscar molina seguro medigap tricare cobra insurer advantage",
    ),
    (
        "care",
        "dental vision hearing eye eyes glasses exam exams test tests scan mri surgery therapy rehab ride rides transport \
         transportation drug drugs medicine medicines medication medications prescription prescriptions vaccine vaccines shot \
         shots hospital visit visits checkup physical wheelchair walker oxygen cpap dialysis hospice nursing home care aide gym \
         meals acupuncture chiropractor massage hearing implants dentures braces insulin ozempic wegovy telehealth ambulance \
         dientes lentes audifonos vista examen examenes medicina medicinas terapia cirugia silla vacuna ambulancia transporte",
    ),
    ("need", "need needs require requires required necesito necesita"),
    (
        "switch",
        "switch switching change changing drop dropping leave leaving cancel cancelling canceling keep replace quit return",
    ),
    (
        "document",
        "letter letters notice notices eob bill bills statement statements document documents form forms paper papers \
                  paperwork msn explanation summary carta cartas aviso avisos cuenta factura documento papeles formulario",
    ),
    (
        "family",
        "daughter son wife husband spouse mother mom father dad sister brother niece nephew friend caregiver parent parents \
         grandson granddaughter child kids neighbor lawyer partner attorney hija hijo esposa esposo madre padre hermana \
         hermano amigo amiga sobrina sobrino nieta nieto abogado mama papa aunt uncle grandmother grandfather",
    ),
    (
        "charged",
        "test tests visit visits procedure procedures service services equipment brace item items charge charges charged billed \
                 billing bill bills statement eob msn summary surgery exam shows lists",
    ),
    ("facility", "hospital rehab rehabilitation nursing facility snf asilo clinica"),
    (
        "term",
        "deductible deductibles coinsurance copay copays copayment premium premiums eob eobs explanation msn formulary \
         formularies tier tiers hmo hmos ppo ppos epo pos hdhp hsa fsa hra medigap appeal appeals network networks grievance \
         grievances referral preauthorization authorization precertification cobra irmaa nomnc moon abn snp dsnp pdp mapd part \
         medicare medicaid advantage donut gap catastrophic creditable qio ship subrogation coordination assignment \
         allowable allowed beneficiary dependent exclusion rider lifetime observation inpatient outpatient pocket \
         maximum necessary step quantity exception determination redetermination reconsideration enrollment marketplace \
         obamacare aca chip savings noncoverage provider pbm rebate generic brand biosimilar hospice skilled custodial \
         palliative telehealth claim eligibility underwriting preexisting effective waiting tricare open special initial \
         guaranteed balance surprise superbill cpt icd drg npi mbi deducible copago coseguro prima formulario red \
         apelacion queja referido autorizacion beneficios facility summary hdhp benefits",
    ),
];
