//! What to do, step by step.

use super::lines;

lines! {
    /// A step of a plan of action.
    Action {
        FindReason: "Find the reason for the no in the letter. Mark it.",
            "Busque en la carta la razón del no. Márquela.";
        AnswerNotNecessary: "The letter says the care is not medically needed. Ask your doctor to answer that point in writing.",
            "La carta dice que la atención no es necesaria. Pida a su médico que responda a ese punto por escrito.";
        AnswerOutOfNetwork: "The letter says the doctor is outside the network. Ask your own doctor to write why it must be that one.",
            "La carta dice que el médico está fuera de la red. Pida a su médico que escriba por qué debe ser ese.";
        AnswerNoApproval: "The letter says no one asked for approval first. Ask your doctor's office if they asked. Get a copy.",
            "La carta dice que nadie pidió permiso antes. Pregunte en el consultorio si lo pidieron. Pida una copia.";
        AnswerNotABenefit: "The letter says this is not one of the plan's benefits. Ask for the page of the rules that says so.",
            "La carta dice que esto no es uno de los beneficios. Pida la página de las reglas que lo dice.";
        AnswerExperimental: "The letter calls the care experimental. Ask your doctor for studies about cases like yours.",
            "La carta dice que es experimental. Pida a su médico estudios sobre casos como el suyo.";
        AnswerStepTherapy: "The letter names other drugs that come first. Ask your doctor to write what you have used before.",
            "La carta nombra otras medicinas que van primero. Pida a su médico que escriba qué ha usado antes.";
        AnswerNotOnList: "The letter says the drug is not on the plan's list. Ask your doctor to support an exception.",
            "La carta dice que la medicina no está en la lista. Pida a su médico que apoye una excepción.";
        AnswerPapersMissing: "The letter says papers are missing. Ask which ones. Send them with the appeal.",
            "La carta dice que faltan papeles. Pregunte cuáles. Mándelos con la apelación.";
        DoctorLetter: "Ask your doctor for a short letter. It should say why you need {service}, and what else was done.",
            "Pida a su médico una carta corta. Debe decir por qué necesita {service} y qué más se hizo.";
        WriteAppeal: "Write to the appeals address in the letter. Say that you appeal, and why.",
            "Escriba a la dirección de apelaciones de la carta. Diga que apela y por qué.";
        WriteToContractor: "Follow the appeal steps on your Medicare notice (MSN). Send the appeal to the address printed there.",
            "Siga los pasos para apelar de su resumen de Medicare (MSN). Mande la apelación a la dirección que imprime.";
        WriteToReviewer: "Write to the address in the new letter. Add a copy of the first answer.",
            "Escriba a la dirección de la carta nueva. Agregue una copia de la primera respuesta.";
        AskFast: "If waiting could harm your health, ask for a fast appeal now. Ask your doctor to say so too.",
            "Si esperar puede dañar su salud, pida ahora una apelación rápida. Pida a su médico que lo diga también.";
        AskFastNow: "Ask for a fast (expedited) appeal today, by phone. Ask your doctor to say that waiting could harm you.",
            "Pida hoy, por teléfono, una apelación rápida. Pida a su médico que diga que esperar puede dañarle.";
        CheckArrival: "After you send it, call and ask if it came. Write down the name and the day.",
            "Después de mandarla, llame y pregunte si llegó. Anote el nombre y el día.";
        OfferLetter: "I can draft the letter. Just write: “write me the letter”.",
            "Puedo hacer un borrador de la carta. Solo escriba: «escríbame la carta».";
        AskFile: "Ask {plan} for a copy of your file and of the rule it used.",
            "Pida a {plan} una copia de su expediente y de la regla que usó.";
        AskException: "Ask the drug plan for an exception. Your doctor must write why.",
            "Pida al plan de medicinas una excepción. Su médico debe escribir por qué.";
        AskSupply: "Ask the plan and the pharmacy what you can get while you wait.",
            "Pregunte al plan y a la farmacia qué le pueden dar mientras espera.";
        UsePenaltyForm: "Fill in the form that came with the penalty letter. Add proof of the drug coverage you had.",
            "Llene el formulario que vino con la carta de la multa. Agregue pruebas de la cobertura que tenía.";
        WriteToSocialSecurity: "Call Social Security. Ask how to appeal its decision on Extra Help.",
            "Llame al Seguro Social. Pregunte cómo apelar su decisión sobre la Ayuda Adicional.";
        AppealMarketplace: "Follow the appeal steps in the Marketplace notice. Send papers that show your case.",
            "Siga los pasos para apelar del aviso del Mercado. Mande papeles que muestren su caso.";
        AskFairHearing: "Call your state's Medicaid office. Ask how to get a fair hearing, and by which day.",
            "Llame a la oficina de Medicaid de su estado. Pregunte cómo pedir una audiencia y hasta qué día.";
        AskHearingNow: "Ask for the hearing now, today, before the day your Medicaid ends. Say that you want to keep your coverage until the decision.",
            "Pida la audiencia ahora, hoy mismo, antes del día en que termina su Medicaid. Diga que quiere conservar su cobertura hasta la decisión.";
        BringPapers: "Bring to the hearing: the notice, proof of what is wrong in it, and someone you trust. That person may speak for you.",
            "Lleve a la audiencia: el aviso, pruebas de lo que está mal en él y a alguien de confianza. Esa persona puede hablar por usted.";
        ChooseCobra: "Choose COBRA in writing, on the form in the packet. Keep proof of the day you sent it.",
            "Elija COBRA por escrito, en el formulario del paquete. Guarde prueba del día en que lo mandó.";
        AskEmployerJoin: "Ask the employer's HR office in writing to add you now. Keep a copy with the day.",
            "Pida por escrito a la oficina de personal del empleador que le agregue ahora. Guarde una copia con el día.";
        AddChild: "Add the child to the plan now: call the Marketplace for its plan, or the HR office for a plan from a job.",
            "Agregue ahora al bebé al plan: llame al Mercado para un plan de allí, o a la oficina de personal para uno del trabajo.";
        UsePrintedDay: "Use the last day that your notice prints. Each state has its own rules.",
            "Use el último día que imprime su aviso. Cada estado tiene sus propias reglas.";
        CallReviewer: "Call the review group (BFCC-QIO) now. The number is on your notice. Say that you want a fast appeal.",
            "Llame ahora al grupo revisor (BFCC-QIO). El número está en su aviso. Diga que quiere una apelación rápida.";
        CallLate: "Is the time on the notice over, or did the notice come late? Call all the same, and say so. A late call still gets a review.",
            "¿Ya pasó la hora del aviso, o el aviso llegó tarde? Llame de todos modos y dígalo. Una llamada tardía también recibe una revisión.";
        AskForNotice: "If you have no notice, ask the nurse or social worker for the one with your appeal rights.",
            "Si no tiene aviso, pida a la enfermera o trabajadora social el que dice sus derechos de apelación.";
        TellStaff: "Tell the staff that you have asked for a fast review.",
            "Diga al personal que ha pedido una revisión rápida.";
        DoctorSaysStay: "Ask the doctor to write why the care must go on.",
            "Pida al médico que escriba por qué la atención debe seguir.";
        AskBoth: "Ask your insurer for an urgent appeal today. Ask too about an outside review at the same time.",
            "Pida hoy a su aseguradora una apelación urgente. Pregunte también por una revisión externa al mismo tiempo.";
        AskIfNeeded: "Call the number on your plan card. Ask if {service} needs approval first.",
            "Llame al número de su tarjeta. Pregunte si {service} necesita permiso antes.";
        AskOfficeSent: "Your doctor's office most often sends the request. Ask if it was sent, and on which day.",
            "El consultorio casi siempre manda la solicitud. Pregunte si la mandaron y qué día.";
        AskReference: "Ask for the number of the request, and when the answer is due.",
            "Pida el número de la solicitud y cuándo deben responder.";
        AskFastDecision: "If waiting could harm your health, ask for a fast decision. Your doctor can ask too.",
            "Si esperar puede dañar su salud, pida una decisión rápida. Su médico también puede pedirla.";
        IfNo: "If the answer is no, you get a letter. Then you can appeal, and I can help with that.",
            "Si la respuesta es no, le llega una carta. Entonces puede apelar, y yo le ayudo con eso.";
        AskPlanCovered: "Call the number on your plan card. Ask the questions below.",
            "Llame al número de su tarjeta. Haga las preguntas de abajo.";
        AskCode: "Ask your doctor's office for the name and the code of {service}.",
            "Pida en el consultorio el nombre y el código de {service}.";
        LookInBooklet: "Look it up in the plan's booklet (Evidence of Coverage).",
            "Búsquelo en el folleto del plan (Evidencia de Cobertura).";
        AskMedicare: "Look it up at Medicare.gov, or call Medicare at the number below.",
            "Búsquelo en Medicare.gov o llame a Medicare al número de abajo.";
        AskMedicaidOffice: "Ask your state's Medicaid office. Each state has its own rules.",
            "Pregunte en la oficina de Medicaid de su estado. Cada estado tiene sus reglas.";
        WriteDown: "Write down the day, the name of the person, and the answer.",
            "Anote el día, el nombre de la persona y la respuesta.";
        AskInWriting: "Ask for the answer in writing.",
            "Pida la respuesta por escrito.";
        SignUpSocialSecurity: "To sign up for Medicare, go to SSA.gov or call Social Security.",
            "Para inscribirse en Medicare, vaya a SSA.gov o llame al Seguro Social.";
        PickCoverage: "Think about how you want your Medicare: the Original kind, or a plan. Free help is below.",
            "Piense cómo quiere su Medicare: el Original o un plan. Abajo hay ayuda gratis.";
        AskJobPlan: "If you or your spouse still work, ask the job's benefits office how its plan works with Medicare.",
            "Si usted o su cónyuge todavía trabaja, pregunte en el trabajo cómo va su plan con Medicare.";
        KeepProof: "Keep the letter that shows when your old coverage ends.",
            "Guarde la carta que muestra cuándo termina su cobertura anterior.";
        ApplyMarketplace: "Apply at HealthCare.gov, or call the Marketplace.",
            "Solicite en HealthCare.gov o llame al Mercado.";
        CheckMedicaid: "Ask about Medicaid and CHIP too. You can apply on any day of the year.",
            "Pregunte también por Medicaid y CHIP. Puede solicitar cualquier día del año.";
        ComparePlans: "Compare plans at Medicare.gov. Check your doctors and your drugs for each one.",
            "Compare planes en Medicare.gov. Revise sus médicos y sus medicinas en cada uno.";
        CallMedicareOptions: "Call Medicare and ask which time to sign up or change you have now.",
            "Llame a Medicare y pregunte qué período tiene ahora para inscribirse o cambiar.";
        AskMedigapSellers: "Ask more than one company for its Medigap price, for the same letter of plan.",
            "Pida el precio de Medigap a más de una compañía, para la misma letra de plan.";
        WhatHappened: "Tell me in a sentence what happened, for example: “My plan denied my MRI.”",
            "Dígame en una frase qué pasó, por ejemplo: «Mi plan negó mi resonancia».";
        AskNetwork: "Call the number on your plan card. Ask who is in the network near you and takes new patients.",
            "Llame al número de su tarjeta. Pregunte quién está en la red cerca de usted y acepta pacientes nuevos.";
        AskOfficeNetwork: "Ask the doctor's office too. Give the full name of your plan.",
            "Pregunte también en el consultorio. Diga el nombre completo de su plan.";
        AskListDate: "Lists can be old. Ask both again just before the visit.",
            "Las listas pueden ser viejas. Pregunte de nuevo a los dos antes de la cita.";
        WaitForStatement: "Before you pay, wait for the statement of {plan} (EOB or MSN). Hold the bill against it.",
            "Antes de pagar, espere el resumen de {plan} (EOB o MSN). Compárelo con la factura.";
        AskItemized: "Ask for a bill that lists each item.",
            "Pida una factura que diga cada cosa.";
        AskPlanBill: "Call {plan}. Ask if it got this claim, and what your share is.",
            "Llame a {plan}. Pregunte si recibió este reclamo y cuál es su parte.";
        AskSurpriseLaw: "Ask if the rules against surprise bills apply to you.",
            "Pregunte si las reglas contra facturas sorpresa valen para usted.";
        AskHospitalHelp: "Ask the hospital for its form for help with bills, and for a payment plan.",
            "Pida al hospital su formulario de ayuda con cuentas y un plan de pagos.";
        AppealBill: "If {plan} will not pay, you can appeal. Send me the date of its letter, and I count the last day.",
            "Si {plan} no paga, puede apelar. Mándeme la fecha de su carta y cuento el último día.";
        ApplyExtraHelp: "Ask for Extra Help with drug costs at Social Security. Apply even if you are not sure.",
            "Pida la Ayuda Adicional para medicinas en el Seguro Social. Solicítela aunque no esté seguro.";
        ApplySavings: "Ask your state's Medicaid office about a Medicare Savings Program.",
            "Pregunte en la oficina de Medicaid de su estado por un programa de ahorros de Medicare.";
        AskDoctorCheaper: "Ask your doctor or pharmacist if something costs less and works for you.",
            "Pregunte a su médico o farmacéutico si hay algo que cueste menos y le sirva.";
        PasteText: "Copy the text of the letter here. Leave out your Medicare and Social Security numbers.",
            "Copie aquí el texto de la carta. Quite sus números de Medicare y del Seguro Social.";
        CheckDates: "Look for three things in it: the date, what was decided, and how to appeal.",
            "Busque en ella tres cosas: la fecha, qué se decidió y cómo apelar.";
        GiveNoNumber: "Give your Medicare number to nobody who calls you out of the blue.",
            "No dé su número de Medicare a nadie que le llame sin que usted lo espere.";
        CallProvider: "Call the office on the statement first. It may be a mistake.",
            "Llame primero al consultorio que aparece en el resumen. Puede ser un error.";
        ReportIt: "If it is no mistake, report it to one of the lines below.",
            "Si no es un error, denúncielo en una de las líneas de abajo.";
        CallTogether: "Call together. If the person says yes on the phone, the line can talk with you.",
            "Llamen juntos. Si la persona dice que sí por teléfono, pueden hablar con usted.";
        NameInWriting: "To act in an appeal, the person must name you in writing. The form is CMS-1696.",
            "Para actuar en una apelación, la persona debe nombrarlo por escrito. El formulario es CMS-1696.";
        FileGrievance: "Call or write to the plan. Say that you want to file a complaint (grievance).",
            "Llame o escriba al plan. Diga que quiere presentar una queja.";
        ComplainDepartment: "For a plan from a job or the Marketplace, or a private one, ask your state's insurance department.",
            "Para un plan del trabajo, del Mercado o privado, pregunte al departamento de seguros de su estado.";
        SayWhatHappened: "Write what happened, with the day and the names. Keep a copy.",
            "Escriba qué pasó, con el día y los nombres. Guarde una copia.";
        CallFreeHelp: "Call the free help below. Have your plan card and the letter with you.",
            "Llame a la ayuda gratis de abajo. Tenga a mano su tarjeta y la carta.";
        LeaveNumbersOut: "Leave out your Social Security and Medicare numbers when you write here. I do not need them.",
            "No escriba aquí sus números del Seguro Social ni de Medicare. No los necesito.";
    }
}
