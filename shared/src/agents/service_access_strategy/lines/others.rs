//! How a plan begins, what to gather, what may get in the way, what to say on the phone.

use super::lines;

lines! {
    /// The first words of a plan.
    Opening {
        Appeal: "I'm sorry that {plan} said no to {service}. You have the right to ask again. That is called an appeal.",
            "Lamento que {plan} haya dicho que no a {service}. Usted tiene derecho a pedirlo de nuevo. Eso se llama apelación.";
        AppealAgain: "I'm sorry that the answer was no again. There is another level, and you can go on.",
            "Lamento que la respuesta haya sido no otra vez. Hay otro nivel y usted puede seguir.";
        Penalty: "I'm sorry about the penalty letter. You can ask for a review.",
            "Lamento lo de la carta con la multa. Usted puede pedir una revisión.";
        ExtraHelp: "I'm sorry about the decision on Extra Help. You can appeal it.",
            "Lamento la decisión sobre la Ayuda Adicional. Usted puede apelarla.";
        Marketplace: "I'm sorry about the Marketplace's decision. You can appeal it.",
            "Lamento la decisión del Mercado. Usted puede apelarla.";
        Exception: "I'm sorry that the plan said no to {service}. You can appeal, and your doctor can ask for an exception.",
            "Lamento que el plan haya dicho que no a {service}. Usted puede apelar, y su médico puede pedir una excepción.";
        Discharge: "Call now, today, before you leave: the review group (BFCC-QIO) on your notice. If it is too soon to go home, ask for a fast review. Before noon is best.",
            "Llame ahora, hoy mismo, antes de irse: al grupo revisor (BFCC-QIO) de su aviso. Si es muy pronto para irse, pida una revisión rápida. Lo mejor es antes del mediodía.";
        CareEnds: "Call now, today: the review group (BFCC-QIO) on your notice. If the care ends too soon, ask for a fast review. Before noon is best.",
            "Llame ahora, hoy mismo: al grupo revisor (BFCC-QIO) de su aviso. Si la atención termina muy pronto, pida una revisión rápida. Lo mejor es antes del mediodía.";
        Observation: "Call now, today, before you leave the hospital: the review group (BFCC-QIO) on your notice. Ask for a fast review of the change to observation.",
            "Llame ahora, hoy mismo, antes de irse del hospital: al grupo revisor (BFCC-QIO) de su aviso. Pida una revisión rápida del cambio a observación.";
        UrgentPlan: "Call your plan now, today. This is urgent, and you can ask for a fast appeal.",
            "Llame ahora, hoy mismo, a su plan. Esto es urgente, y puede pedir una apelación rápida.";
        PriorAuthorization: "I can help you get a decision on {service} before you get the care.",
            "Puedo ayudarle a conseguir una decisión sobre {service} antes de recibir la atención.";
        Coverage: "I can't see your plan's papers. So I can't say if it pays for {service}, or what your share would be. Here is how to find out.",
            "No puedo ver los papeles de su plan. Por eso no puedo decir si paga {service} ni cuánto sería su parte. Así lo puede averiguar.";
        CoverageMedicare: "I have no official text about {service} at hand. So I can't say if Medicare pays for it, or what your share would be. Here is how to find out.",
            "No tengo a mano un texto oficial sobre {service}. Por eso no puedo decir si Medicare lo paga ni cuánto sería su parte. Así lo puede averiguar.";
        CoverageRead: "This is what I found in official texts. Your own plan must confirm it for you.",
            "Esto es lo que encontré en textos oficiales. Su plan debe confirmarlo para usted.";
        Costs: "I can't see your plan's papers, so I can't say what you would pay. Here is how to find out.",
            "No puedo ver los papeles de su plan, así que no puedo decir cuánto pagaría. Así lo puede averiguar.";
        Amounts: "Here is what I know about the amounts.",
            "Esto es lo que sé de los montos.";
        Enrollment: "Here is when you can sign up or change.",
            "Estos son los tiempos para inscribirse o cambiar.";
        EnrollmentOpen: "When you can sign up depends on your age and on the coverage you have now.",
            "Cuándo puede inscribirse depende de su edad y de la cobertura que tiene ahora.";
        FindProvider: "I don't have your plan's provider list, so I can't say who is in the network. Two calls will tell you.",
            "No tengo la lista de médicos de su plan, así que no puedo decir quién está en la red. Dos llamadas se lo dirán.";
        Bill: "A bill like that is a shock. Do not rush to pay it. Check it first.",
            "Una factura así asusta. No se apure a pagarla. Revísela primero.";
        FinancialHelp: "There are programs that help with costs. You may qualify for one.",
            "Hay programas que ayudan con los costos. Quizá usted pueda recibir uno.";
        Document: "Here is what I can read in the text.",
            "Esto es lo que puedo leer en el texto.";
        Fraud: "Good that you looked. It may be a mistake or a fraud. Here is what to do.",
            "Qué bueno que revisó. Puede ser un error o un fraude. Esto puede hacer.";
        Representative: "Yes, someone you trust can help or speak for you. There are two ways.",
            "Sí, alguien de confianza puede ayudar o hablar por usted. Hay dos formas.";
        Complaint: "I'm sorry that you were treated badly. You can file a complaint. For a denial, appeal instead.",
            "Lamento que le hayan tratado mal. Puede presentar una queja. Si le negaron algo, mejor apele.";
        Privacy: "What you write here is stored in your account, so that you can read it again. I show it to no other user.",
            "Lo que escribe aquí se guarda en su cuenta para que pueda leerlo otra vez. No lo muestro a ningún otro usuario.";
        HumanHelp: "Yes. People can help you, for free.",
            "Sí. Hay personas que le ayudan, gratis.";
        Unclear: "I help with health insurance and Medicare. I'm not sure yet what you need.",
            "Ayudo con seguros de salud y Medicare. Todavía no sé bien qué necesita.";
    }
}

lines! {
    /// A paper to gather.
    Paper {
        DenialLetter: "the denial letter", "la carta de negación";
        PlanCard: "your plan card", "su tarjeta del plan";
        DoctorLetter: "a letter from your doctor", "una carta de su médico";
        Records: "notes and test results about this care", "notas y exámenes sobre esta atención";
        Bills: "bills, and the statements of your plan (EOB or MSN)", "facturas y los resúmenes de su plan (EOB o MSN)";
        DrugList: "a list of the drugs you have used before, and what happened", "una lista de las medicinas que ha usado antes y qué pasó";
        EndNotice: "the notice with your appeal rights", "el aviso con sus derechos de apelación";
        CoverageProof: "proof of the coverage you had", "pruebas de la cobertura que tenía";
        BirthProof: "proof of your age", "una prueba de su edad";
        IncomeProof: "papers about your income and savings", "papeles sobre sus ingresos y ahorros";
        CallLog: "a list of your calls: day, name, answer", "una lista de sus llamadas: día, nombre, respuesta";
        RepresentativeForm: "the form that names you to act for them", "el formulario que lo nombra para actuar";
    }
}

lines! {
    /// What may get in the way.
    Obstacle {
        DoctorSlow: "The doctor's letter can take time. Ask for it first. Do not miss the last day because of it.",
            "La carta del médico puede tardar. Pídala primero. No pierda el último día por ella.";
        LostMail: "Mail gets lost. Fax it, or send it so that you get a receipt.",
            "El correo se pierde. Mándela por fax o con acuse de recibo.";
        NotTheMember: "If you write for someone else, the plan may want a signed form that names you.",
            "Si escribe por otra persona, el plan puede pedir un formulario firmado que lo nombre.";
        PhoneNoAnswer: "If the person on the phone can't answer, ask for a supervisor.",
            "Si la persona al teléfono no sabe, pida hablar con un supervisor.";
        OldLists: "Lists of doctors can be out of date.",
            "Las listas de médicos pueden estar viejas.";
        NoPlanKind: "I still don't know what kind of plan it is. It is on your card, or the plan can tell you.",
            "Todavía no sé qué tipo de plan es. Está en su tarjeta, o el plan se lo dice.";
        NoNoticeDate: "I still don't know the date on the letter. It is near the top. Send it to me, and I count the last day.",
            "Todavía no sé la fecha de la carta. Está cerca del inicio. Mándemela y cuento el último día.";
        EndDateOver: "The end date you gave is over. Is it the date on the notice? Look again, and call in any case.",
            "La fecha de terminación que me dio ya pasó. ¿Es la fecha del aviso? Mire otra vez y llame de todos modos.";
        NoEventDate: "Tell me the day it happened, and I count your last day.",
            "Dígame qué día pasó y cuento su último día.";
        NoSituation: "Tell me your birth date, or what changed, and I can count your days.",
            "Dígame su fecha de nacimiento o qué cambió, y cuento sus días.";
        NoState: "Tell me your state, and I can name the free help near you.",
            "Dígame su estado y le digo dónde hay ayuda gratis cerca.";
        NoService: "Tell me what the care is called, and I can be more exact.",
            "Dígame cómo se llama la atención y puedo ser más exacto.";
    }
}

lines! {
    /// What to say on the phone.
    Script {
        Appeal: "“I want to appeal a denial. Where do I send it? Is there a fax number? How do I ask for a fast appeal?”",
            "«Quiero apelar una negación. ¿Adónde la mando? ¿Hay un número de fax? ¿Cómo pido una apelación rápida?»";
        FastReview: "“I want a fast appeal. I do not agree that the care should end. What do you need from me today?”",
            "«Quiero una apelación rápida. No estoy de acuerdo con que termine la atención. ¿Qué necesita de mí hoy?»";
        Exception: "“I need an exception for a drug. What must my doctor send? How do I ask for a fast answer?”",
            "«Necesito una excepción para una medicina. ¿Qué debe mandar mi médico? ¿Cómo pido una respuesta rápida?»";
        PriorAuthorization: "“Does this care need approval first? Did you get the request? On which day will you decide?”",
            "«¿Esta atención necesita permiso antes? ¿Recibieron la solicitud? ¿Qué día van a decidir?»";
        Coverage: "“Is this covered? What will I pay? Do I need approval first? Must I use a doctor in the network?”",
            "«¿Está cubierto? ¿Cuánto pagaré? ¿Necesito permiso antes? ¿Debo usar un médico de la red?»";
        Network: "“Is this doctor in the network of my plan? Does the office take new patients? What will I pay?”",
            "«¿Está este médico en la red de mi plan? ¿Acepta pacientes nuevos? ¿Cuánto pagaré?»";
        Enrollment: "“When does my time to sign up begin and end? When will coverage start? Will I pay a penalty?”",
            "«¿Cuándo empieza y termina mi período? ¿Cuándo empezaría la cobertura? ¿Pagaré una multa?»";
        Bill: "“Did you get this claim? What is my share, and why? Do the rules against surprise bills apply?”",
            "«¿Recibieron este reclamo? ¿Cuál es mi parte y por qué? ¿Valen las reglas contra facturas sorpresa?»";
        Help: "“I have trouble paying. Which programs can I apply for? Can you help me with the form?”",
            "«Me cuesta pagar. ¿Qué programas puedo pedir? ¿Me ayuda con el formulario?»";
        Complaint: "“I want to file a complaint. Where do I send it? When will I get an answer?”",
            "«Quiero presentar una queja. ¿Adónde la mando? ¿Cuándo me responden?»";
        Medicaid: "“I got a denial. How do I ask for a fair hearing, and by which day? Can my care go on while I wait?”",
            "«Recibí una negación. ¿Cómo pido una audiencia y hasta qué día? ¿Puede seguir la atención mientras espero?»";
    }
}
