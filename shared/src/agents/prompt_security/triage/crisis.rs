//! Signs of a crisis of the mind: 988.

use std::sync::LazyLock;

use super::context::{Sentence, View, is_long_ago, is_negated, is_supposed};
use super::words::SETS;
use crate::agents::fold::phrases::{Hit, Phrases, is_overlapped};

/// How a sign is worded, and so what shows that it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// Somebody says or is said to want it: it is meant, unless negated or long ago. "If" does not take it back.
    Wish,
    /// A word like "suicidal": somebody must be it, and it must not be what a claim is about.
    Topic,
}

/// Whether somebody is in a crisis of the mind.
pub(super) fn is_happening(message: &View<'_>) -> bool {
    message.sentences.iter().any(|sentence| {
        let hits = SIGNS.find(&sentence.words);
        if hits.is_empty() {
            return false;
        }
        let figures = FIGURES.find(&sentence.words);
        hits.iter()
            .filter(|hit| !is_overlapped(hit, &figures))
            .any(|hit| counts(hit, sentence, message.is_retrospective))
    })
}

fn counts(hit: &Hit<Sign>, sentence: &Sentence<'_>, is_retrospective: bool) -> bool {
    let (before, around) = (sentence.before(hit, 6), sentence.around(hit));
    if is_negated(before) {
        return false;
    }
    match hit.tag {
        Sign::Wish => !is_long_ago(around) || is_present(around),
        Sign::Topic => {
            let is_about = ABOUT_AFTER.is_in(sentence.after(hit, 2)) || ABOUT_BEFORE.is_in(before);
            !is_about
                && !is_retrospective
                && !is_supposed(before)
                && (!is_long_ago(&sentence.words) || is_present(around))
                && HAVING.is_in(before)
        }
    }
}

/// Whether the words speak of today, or go on from the past until now.
fn is_present(words: &[&str]) -> bool {
    PRESENT.is_in(words)
}

fn words(patterns: &[&'static str]) -> Phrases<()> {
    Phrases::plain(patterns, SETS)
}

static PRESENT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "right now",
        "now|today|tonight|again|still|anymore|currently|lately",
        "ever|always since",
        "since",
        "last night",
        "ahora|hoy|todavia|siempre|ultimamente",
        "esta noche",
        "otra vez",
        "desde",
    ])
});
static HAVING: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "@have",
        "@be",
        "been|become|becoming|thinking|thoughts|thought|think|thinks|talking|talks|talked|considering|considers|about",
        "planning|plan|plans|threatening|threatens|threatened|attempting|contemplat*|struggling|dealing|acting",
        "pensando|pienso|piensa|pensamientos|ideas|habla|hablando|considerando|planeando|amenaza*",
    ])
});
static ABOUT_AFTER: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "claim|claims|treatment|treatments|prevention|hotline|line|lifeline|risk|screening|history|coverage|clause|exclusion",
        "program|programs|services|therapy|counseling|watch|unit|assessment|support|survivor|survivors|policy|rate|rates|bill",
        "last|in 19*|20*|year|month",
    ])
});
static ABOUT_BEFORE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "claim|claims|treatment|coverage|care|therapy|services|hospitalization|stay|visit|bill|help|program|benefits|crisis for|of",
        "cover|covers|covered|pay|pays|after|prevent|preventing|prevention",
        "used to|as",
        "history of",
        "died|die|dies|death by|of|from",
        "tratamiento|cobertura|servicios|reclamo|ayuda por|de|para",
        "murio por",
    ])
});

/// Where a sign is only a figure of speech, or about something else.
static FIGURES: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "tool and? die",
        "die|dying|dead laughing|of|from|at|peacefully|comfortably|with|in|naturally|near",
        "wants|want|wish|wishes|wanted|ready ~1 die|death ~2 at|in|peacefully|comfortably|home|hospice|dignity|naturally",
        "live|living|be|here|exist in|at|near|there|alone|closer|far|on|by|under|without",
        "live|living|be with my|him|her|them|a|his|our|roommates|family|relatives|strangers",
        "end|ending it|this all? ~4 policy|policies|plan|plans|coverage|contract|subscription|account|membership|insurance",
        "cant|cannot go on medicare|medicaid|a|the|my|his|her|cobra|disability|vacation|it",
        "hurt|harm|kill|cut|poison ~2 credit|reputation|budget|deal|bill|chances|plan|coverage",
        "vivir|viviendo|viva en|cerca|lejos|sola|solo|aqui|sin|juntos",
        "vivir|viviendo con mi|mis|el|ella|la|su|sus|ellos",
        "quier* morir* en|de|tranquil*|paz|con|risa|hambre",
        "muer* de risa|hambre|sueno|ganas|calor|frio|miedo|curiosidad",
        "rather die than",
        "tired|sick ~3 of living paycheck|in|on|off|next|from|alone|under|at",
        "wake|waking up at|in|early|without|during|with|every|from",
        "cut|cutting myself some|off|a|out",
        "hurt myself at|on|while|when|lifting|falling|working|playing|badly",
        "hurt himself|herself at|on|while|when|lifting|falling|working|playing|badly|falling",
        "acabar|terminar con todo ~2 papel*|tramite*|plan*|seguro*|poliza*",
    ])
});

static SIGNS: LazyLock<Phrases<Sign>> = LazyLock::new(|| {
    let mut patterns: Vec<(Sign, &'static str)> = Vec::new();
    for (sign, list) in [(Sign::Wish, WISH), (Sign::Wish, WISH_ES), (Sign::Topic, TOPIC)] {
        patterns.extend(list.iter().map(|pattern| (sign, *pattern)));
    }
    Phrases::new(&patterns, SETS)
});

const WISH: &[&str] = &[
    "kill|killing|hang|hanging|shoot|shooting|drown|drowning|poison|poisoning|hurting|harming @self",
    "hurt|harm @self",
    "cut|cutting|cuts|burning @self",
    "been|started|keep|keeps|is|im|shes|hes ~2 cutting again|daily|deeper|every|lately",
    "cut|cutting|slit|slitting|slash ~2 wrist|wrists",
    "off|unalive @self",
    "kms",
    "do myself in",
    "end|ending|ends my|his|her|their|own ~1 life|lives|suffering",
    "end|ending ~1 it all",
    "end|ending it tonight|today|now|forever|soon|myself",
    "end|ending everything",
    "take|taking|takes my|his|her|their ~1 life|lives",
    "take|taking|takes|took my|our own",
    "want|wants it|this|everything ~1 to? end|over tonight|now|forever|today|soon|all",
    "want|wants it|everything all? to end",
    "want|wants|wanted|wanna|wish|wishes|ready|going|hope|hopes|hoping|prefer|like|better|rather|decided|plan|planning|need|love|deserve|deserves ~3 die",
    "want|wants|wish|wishes|wished|rather|better|hope ~3 dead",
    "wish i|he|she wasnt|werent|was|were|had|hadnt ~2 dead|alive|here|born|exist",
    "wish ~2 never born|been",
    "dont|not|doesnt|didnt|no ~2 want|wanna|wants|wish|feel ~2 live|alive|exist|living|existing",
    "dont|not|doesnt|didnt ~1 want|wanna|wants ~1 be here|around|anymore",
    "dont|not|doesnt ~1 want|wanna|wants ~1 go on",
    "dont|not|doesnt|never|not ~2 want|wanna|wants|wish|hope ~3 wake|waking up",
    "hope|hoping|wish|wishing|pray|praying ~3 dont|never|not|wouldnt|wont|didnt|doesnt wake|waking",
    "never|not wake|waking up",
    "dont|not sure|know|think ~3 want ~2 live|alive|here",
    "no|any|without|zero reason|reasons|point|purpose ~4 be here|alive|around",
    "may|might as well be? ~1 dead|die",
    "as well ~1 dead",
    "no|any|without reason|reasons|point|purpose ~2 live|living|life|alive|going|go|exist",
    "dont|not|cant|never|no|doesnt ~1 see|have|find|got ~3 reason|reasons|point|purpose|sense ~2 live|living|going|life|keep|being|alive|anymore",
    "lost|losing|no ~2 will to live",
    "nothing ~3 live for",
    "life ~3 worth living|it|anymore",
    "my life ~3 over|pointless|worthless|meaningless|ended",
    "why ~3 keep|go|stay|continue|bother ~2 living|alive",
    "whats|what ~3 point of|in ~2 living|life|going|being",
    "hate being|to be? alive",
    "dont|cant|cannot ~4 live|living like|this ~1 anymore|longer",
    "cant|cannot keep|go ~2 living|live|going|on like",
    "worth living",
    "tired|sick|done of|with living|life|being|this? alive|life|living|existing",
    "tired of living|life",
    "done with life|living",
    "giving|give|gave up on life|living",
    "cant|cannot|dont ~1 go|keep|want ~2 on|going anymore|living|longer",
    "cant|cannot go on $",
    "cant|cannot keep living",
    "better off without me|us|him|her",
    "better off ~3 dead|gone",
    "better ~2 if i|he|she ~3 dead|gone|alive|here|exist",
    "better if i|he|she wasnt|werent",
    "nobody|noone|no ~2 miss me",
    "nobody|noone|one ~3 care|notice|cry|sad|bother ~4 died|dead|die|gone|disappeared|were|wasnt",
    "sleep ~4 never|not|dont ~1 wake|waking",
    "sleep forever",
    "jump|jumping|jumps ~2 off|from ~3 bridge|roof|building|balcony|window|cliff|overpass",
    "step|jump|walk|walking|jumping|throw|throwing ~3 front of ~2 train|car|truck|traffic|bus",
    "thinking|think|thinks|thoughts|thought|considering|talking|talks|fantasiz* ~1 suicide|dying|death|overdosing|jumping",
    "thinking|think|thinks|thoughts|thought|considering|talking|talks|dreaming about|of ~2 suicide|dying|overdosing|jumping|ending",
    "commit|committing|attempt|attempting|contemplat*|considering suicide",
    "tried|try|trying|tries to kill|hang|drown|overdose",
    "suicide note|letter",
    "goodbye note|letter|forever|world",
    "gun|pills|rope|knife|razor ~8 end|myself|himself|herself|over|do",
    "planning|going|want|wants|intend* ~2 overdose",
    "plan|plans to overdose",
    "overdose on purpose",
    "took|taken|swallowed|take ~8 to die|end",
    "want|wants ~3 life ~2 over|end",
    "want|wants ~1 disappear|cease",
    "stop existing",
    "stop living $",
    "dont|not|cant|cannot ~5 do ~3 life",
    "happier|better|easier|relieved ~4 dead|gone|died|alive",
    "ill|will|gonna|might overdose",
    "ending it $",
    "end it $",
    "i killed|hurt|hung|shot|drowned myself",
    "i|he|she|they|daughter|son|kid|im|teen|teenager|hes|shes|wife|husband ~2 self harm|harms|harming|injure|injures",
    "selfharming",
    "not exist|existing",
    "dont|not|never|doesnt ~3 exist|existing",
    "done living|fighting|trying ~4 life|live|goodbye|anymore",
    "world ~4 better|without ~2 me $",
    "burden ~8 gone|dead|die|without",
    "no way out ~4 die|death|dying|life|end",
    "how many|much ~8 die|kill|lethal|fatal|overdose",
    "lethal|fatal dose|overdose",
    "stockpiling|saving|hoarding ~4 pills|meds|medication",
    "pills|gun|rope|knife|razor ~4 in my|front|hand",
    "use it on @self",
    "be|join|see ~2 late|dead ~1 wife|husband|son|daughter|mother|mom|dad ~2 heaven|soon|tonight|again",
    "thoughts|thinking|urge|urges|impulse of|about|to? hurting|harming|killing|hurt|harm|kill|drown|drowning ~2 baby|kids|kid|children|son|daughter|someone|somebody|people|others",
    "voices ~5 kill|hurt|die|jump",
    "end the? ~1 pain|suffering|misery forever|permanently|tonight|for",
    "put an end to ~2 life|it|myself|everything",
    "no ~1 wants|want ~1 to? live",
];

const WISH_ES: &[&str] = &[
    "me|se ~1 quiero|quiere|quisiera|voy|va ~2 morir|matar|suicidar|ahorcar|colgar",
    "quiero|quiere|quisiera|voy|va|deseo|desea|pienso|pensando|ganas|gustaria|preferiria ~3 morir|morirme|morirse|matarme|matarse|suicidarme|suicidarse|desaparecer",
    "matarme|morirme|suicidarme|suicidarse|ahorcarme|matarse",
    "quitarme|quitarse|quitarle la vida",
    "acabar|terminar|acabando con mi|su|todo ~1 vida|todo|sufrimiento",
    "acabar|terminar con todo",
    "no ~1 quiero|quiere|quisiera ~2 viva|vivo|vivir|viviendo|existir|despertar|estar",
    "no ~1 tengo|tiene|hay|veo|encuentro ~3 vivir|seguir",
    "no ~1 deseo|desea ~1 vivir",
    "no ~1 quiero|quiere ~2 este mundo",
    "acabar con esto|todo hoy|ya|esta",
    "amenaza* con? ~2 suicid*|matar*",
    "ya no aguanto|soporto ~3 vida|vivir",
    "ya no puedo mas $",
    "hacerme|hacerse|hacerle dano",
    "lastimarme|lastimarse|cortarme|cortarse|cortandose|cortandome",
    "cortando|cortarse ~2 brazos|munecas|piernas|venas",
    "se corta ~2 brazos|munecas|piernas|sola|solo|mismo|misma",
    "mejor ~3 muerto|muerta|muriera|muerte|sin mi",
    "estarian mejor sin mi",
    "sin ganas de vivir",
    "ganas de vivir $",
    "no vale la pena vivir|seguir",
    "cansad* de vivir",
    "cansad* de la? vida",
    "hart* de vivir",
    "ya no puedo con|mas ~2 vida",
    "me rindo ~4 vida|vivir",
    "ojala ~2 muriera|despertara|muerto|muerta",
    "intento|intente|intentado|trato|trate ~1 suicidar*|matar*|quitar*",
    "nota de suicidio",
    "dormir ~4 no|nunca ~1 despertar",
    "nadie me extranara|extranaria",
    "tirarme|aventarme|lanzarme|tirarse|lanzarse|aventarse ~4 puente|tren|edificio|ventana|carro|techo",
    "quisiera|quiero|quiere|deseo|ojala|preferiria ~1 estar|estuviera|estuviese muert*",
    "pensamientos|ideas ~1 suicid*",
    "hacerme|hacerse algo malo",
    "poner|ponerle fin ~2 vida|todo|sufrimiento",
    "ya no ~2 encuentro|veo|tengo ~3 vivir|salida|seguir",
];

const TOPIC: &[&str] =
    &["suicidal", "suicide", "self harm|harming|injury|injuring", "selfharm*", "suicida|suicidas|suicidio"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        assert_eq!(SIGNS.rejected(), [""; 0]);
        for list in [&PRESENT, &HAVING, &ABOUT_AFTER, &ABOUT_BEFORE, &FIGURES] {
            assert_eq!(list.rejected(), [""; 0]);
        }
    }
}
