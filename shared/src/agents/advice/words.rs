//! The words that an opening is made of: of sympathy, of family, of letters, and the small words between them.
//!
//! A list of what may be said, because a list of what may not is never complete.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::agents::fold::Text;
use crate::agents::task_requirements::things;

const ENGLISH: &str = "a able about after again alarming all alone along also always am an and angry annoying another answer anxious any \
    anxiety are around as asked asking at aunt away awful back bad be because been before behind being believe best better big \
    bill bills both brother burden busy but by came can care caring carry carrying case child children claim clear close come \
    comes coming complicated concern concerned concerning concerns confused confusing confusion could couple dad dads daughter daughters day \
    deal dealing decision denial denied denying despite did didnt difficult difficulty disappointed disappointing disappointment discouraged discouraging \
    distress distressing do does doesnt doing done dont down drain draining each easier easy effort else emotional emotionally \
    enough especially even every everything exhausted exhausting expected experience explain explained face facing family familys father \
    fathers fear feel feeling feelings feels felt few finally find finding first for forward found friend friends from frustrated \
    frustrating frustration full get gets getting giving glad go goes going good got grandfather grandma grandmother grandpa grandson \
    great guess had handle handling happen happened happening happens hard harder has have having he health hear heard hearing heart \
    heartbreaking heavy help helping helpless her here hes him his hope hopes hoping hospital how however hurt hurting hurts husband husbands \
    i id if ill im imagine important in instead insurance into is isnt it its itself ive job just kind know knowing lately learn learned less let lets \
    letter letters life like little living long longer look looking looks lot lots love loved make makes making many matter matters \
    maybe me mean means medical message mind moment mom moms money more most mother mothers much my near new news next nice no none not \
    notice now of off often on once one ones only open opening or other our out over overwhelmed overwhelming own pain painful paper papers parent \
    parents part partner people person piece pieces place plan plans point position possible pressing problem problems process put puzzling question \
    questions quite rather read reading ready really reason reasons receive received receiving refusal refused rejected rejection relieved request requests \
    sad sadness said saw saying says scare scared scary see seeing seem seems sense serious share shared sharing she shes shock \
    shocking short sick side simple since sister situation slow small so some somebody someone something sometimes son soon sorry sort sound \
    sounds spouse start started starting step steps still story straightforward strain strange stress stressed stressful stressing \
    struggle struggling such sudden suddenly support sure surprise surprised surprising take takes taking talk tell telling terrible than thank thanks that \
    thats the their them then there theres these they theyre thing things think thinking this those though thought through throw time times tiring \
    tired to today together told too tough toward towards troubling trust trusting trying turn turned uncertain uncertainty uncle under understand understandable \
    understandably understanding unexpected unfair unpleasant unsettling until unwell up upset upsetting us very wait waiting want wanted wants was wasnt way we \
    weighs weight well went were weve what whats when where which while who whole why wife wifes will wish with without wonder wondering \
    word words work working worried worries worry worrying would write writing written wrote year yes you youd young your youre yours yourself youve";

const SPANISH: &str = "a abrumado abrumada abrumador abuela abuelo aca afligido agobiante ahi ahora al algo alguien algun alguna alivio alla alli amiga amigo amor ano animo \
    ansiedad ante antes apoyo aqui asi asusta asustado asustada aun aunque ayuda ayudar ayudarle ayudarlo bien bueno buena busca cada cansado cansada cansancio \
    carga carta cartas caso casa causa cerca claro clara como comprendo comprender con confianza confuso confusa confusion conmigo contar contarme conto \
    corazon cosa cosas cuando cuanto cuenta cuesta cuidado cuidar da dar darle de decepcion decepcionante decir decision del dentro desalienta desanima desanimado \
    desde desgaste despues dia dice dicho dificil dificiles dificultad dijeron dijo dolor doloroso dolorosa donde duda dudas duele dura duro durante e el ella ellas ellos \
    empezar en encontrar enojo enojado enojada entender entendible entiendo era es esa esas escribe escribio escribir escribirme escucha escuchar ese eso esos espera esperaba esperanza esposa esposo \
    esta estaba estado estamos estan estar estas este esto estos estoy estres estresante existe explicar familia familiar frente frustracion frustrante frustrado \
    frustrada fue fuerte gracias gran grande ha haber hace haces hacer hacia hallar han hasta hay haya he hemos hermana hermano hija hijo hijos historia hospital hoy \
    importante imagino incertidumbre incomodo injusto inquietud inesperado inesperada intentar ir junto juntos juntas la lado lamento las le leer lei lejos les lento leyo linea lo \
    llega llegar llego lleva llevar los lucha luego luz mal mala malo mama mamas manera mas me medico mensaje menos mi miedo mis mismo momento momentos mucha muchas mucho muchos muy \
    nada ni ningun ninguna no noticia noticias nos nosotros nuestra nuestro nueva nuevo o oir otra otras otro otros paciencia padre padres papa papas papel papeles para parece pareja parte pasa \
    pasado pasando pasar paso pasos pena pensar pero persona personas pesa pesado pesada peso pide pidio plan poco poder podemos por porque posible preguntar pregunta preguntas \
    preocupa preocupacion preocupado preocupada preocupante primero primera problema problemas pronto propia propio puede pueda puedo pues que queda quedar querer querido querida quien quiere \
    quiero quisiera quizas razon razones recibe recibio recibir recibido respuesta respuestas rato sabe saber salud se sea seguir segun sentir sentirse ser seria si siempre siente siento sigue sin sino situacion \
    sobre solicitud solo sola son sorpresa soy su subita suena sus susto tal tambien tan tanta tanto te temor tener tengo tiempo tiempos tiene tipo toda todas todavia todo todos \
    tomar trabajo tranquilidad tranquilo tras tratar triste tristeza u un una unas uno unos usted ustedes va vamos vayamos ve veamos veo ver verla verlo vez veces vida vive viviendo y ya yo";

static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let mut words: HashSet<String> = HashSet::new();
    words.extend(ENGLISH.split_whitespace().chain(SPANISH.split_whitespace()).map(ToOwned::to_owned));
    for service in things::SERVICES {
        for name in [service.en, service.es] {
            words.extend(Text::new(name).words().map(ToOwned::to_owned));
        }
    }
    words.extend(["medicare", "medicaid", "advantage"].map(ToOwned::to_owned));
    words
});

/// The first word of a text that no opening is made of.
pub(super) fn foreign(text: &Text) -> Option<String> {
    text.words().find(|word| !WORDS.contains(*word)).map(ToOwned::to_owned)
}
