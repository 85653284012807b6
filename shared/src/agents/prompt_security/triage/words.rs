//! Sets of words that the patterns of triage share.

use crate::agents::fold::phrases::WordSet;

/// The sets, for `@name`.
pub(super) const SETS: &[WordSet] = &[
    (
        "person",
        "i im ive we weve he hes she shes they theyre mom moms mum mother mama mommy dad dads father daddy papa husband \
         hubby wife spouse partner son sons daughter kid child baby infant toddler newborn grand* brother sister uncle \
         aunt nephew niece cousin friend neighbor neighbour roommate boyfriend girlfriend fiance* someone somebody man \
         woman boy girl patient caregiver esposo esposa marido mama papa madre padre hijo hija bebe nino nina abuel* \
         herman* ti* prim* vecin* amig* novi* el ella alguien suegr* niet*",
    ),
    (
        "have",
        "have has having got get getting gets feel feels feeling experiencing experiences suffering suffers \
             developed developing started starting complaining complains keep keeps tengo tiene tienes tenemos teniendo \
             siento siente sintiendo sufre sufriendo esta estoy esto con dio da dando empezo empece sigo sigue",
    ),
    (
        "past",
        "had was were been went taken took rushed admitted hospitalized treated seen diagnosed came brought tuve tuvo \
             tuvieron estuvo estuve fue fui llevaron llevamos hospitalizaron internaron atendieron",
    ),
    (
        "not",
        "not no never dont doesnt didnt isnt arent wasnt werent havent hasnt hadnt without denies deny denied nor \
            neither wont wouldnt aint sin ningun ninguna nunca jamas tampoco",
    ),
    (
        "pills",
        "pill pills tablet tablets capsule capsules tylenol advil ibuprofen acetaminophen aspirin insulin oxycodone \
         opioid* opiate* fentanyl heroin xanax valium ambien benadryl medicine medicines medication medications meds \
         drugs drug dose doses antidepressant* painkiller* sleeping heart pressure pastilla* tableta* capsula* medicina* \
         medicamento* remedio*",
    ),
    (
        "kin",
        "he she him her mom mother mum mama dad father papa husband wife son daughter baby kid child brother sister \
            grand* grandma grandpa aunt uncle friend roommate neighbor neighbour toddler infant newborn partner boyfriend \
            girlfriend someone somebody man woman guy person",
    ),
    ("self", "myself himself herself themselves themself yourself ourselves"),
    (
        "facility",
        "hospital hospitals rehab rehabilitation nursing facility snf home hospice skilled unit ward center \
         clinica asilo centro rehabilitacion",
    ),
    (
        "care",
        "rehab rehabilitation skilled nursing snf therapy physical occupational speech hospice coverage care visits stay \
         services nurse nurses aide aides oxygen dialysis treatment hospital facility home rehabilitacion terapia \
         enfermera enfermeria cobertura visitas servicios cuidado cuidados asilo",
    ),
    (
        "treatment",
        "chemo* surgery operation transplant procedure treatment treatments infusion infusions radiation dialysis mri scan \
         scans biopsy ct pet evaluation injection injections bypass stent mastectomy replacement colonoscopy cath \
         cirugia operacion quimio* trasplante radiacion radioterapia tratamiento resonancia tomografia biopsia dialisis \
         infusion inyeccion procedimiento operan operaran operar operarme",
    ),
    (
        "medicine",
        "insulin insulina medicine medicines medication medications meds pill pills inhaler inhalers dose doses drug drugs \
         prescription prescriptions refill refills oxygen tablets supply sensors strips eliquis xarelto humira ozempic \
         warfarin metformin keppra medicina medicinas medicamento medicamentos pastillas dosis receta oxigeno inhalador \
         anticoagulant* blood heart seizure chemo pressure thinner transplant",
    ),
    (
        "weekday",
        "monday tuesday wednesday thursday friday saturday sunday mondays fridays lunes martes miercoles jueves viernes \
         sabado domingo",
    ),
    ("few", "a an one two three four five six seven 1 2 3 4 5 6 7 couple few un una dos tres cuatro cinco seis siete"),
    ("be", "is are am im was hes shes be being its esta estan es feels looks seems"),
];
