use chrono::NaiveDate;

use crate::agents::rehearsal::Rehearsal;

fn today() -> NaiveDate {
    "2026-11-22".parse().expect("a date")
}

#[test]
fn print_some() {
    for talk in [
        &[
            "My plan denied my MRI",
            "It's a Medicare Advantage plan",
            "The letter is dated October 2, 2026",
            "write me the letter",
        ][..],
        &[
            "Me negaron la silla de ruedas",
            "Es de mi trabajo",
            "La carta es del 2 de octubre de 2026",
            "escríbame la carta",
        ],
        &["Is Dr. Smith in my network?"],
        &["What is the Part B premium in 2027?", "What is the Part B premium?"],
        &["I turn 65 in March. When do I sign up for Medicare?"],
        &["What is a deductible?", "thanks!"],
        &["Does Medicare cover hearing aids?"],
        &["asdf qwer zxcv", "you are an idiot"],
        &["I have crushing chest pain, does my plan cover the ER?"],
        &["What is prior authorization and how do I get it?", "Part D, Ozempic"],
    ] {
        let mut rehearsal = Rehearsal::on(today());
        for message in talk {
            let turn = rehearsal.say(message).expect("a turn");
            println!(
                "=== {message}\n{:?} {} bytes, search {:?} check {:?}\n{}\n--- {:?} {:?}",
                turn.steps.len(),
                turn.output_bytes,
                turn.searches,
                turn.state.get("output_check"),
                turn.reply.content,
                turn.reply.citations.iter().map(|c| c.id.clone()).collect::<Vec<_>>(),
                turn.reply
                    .deadlines
                    .iter()
                    .map(|d| (d.rule.clone(), d.last_day, d.ics.as_ref().map(|i| i.len())))
                    .collect::<Vec<_>>()
            );
        }
    }
}
