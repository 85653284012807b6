//! The rule for new passwords by lists: one's own, or larger ones that NAVIGATOR_COMMON_PASSWORDS and NAVIGATOR_DICEWARE name.

use tests::passwords::{BAR_PERCENT, PHRASES, is_refused, judge, phrases, words};

const COMMON: &str = "123456 password qwerty abc123 letmein monkey dragon iloveyou sunshine princess football baseball \
    welcome admin master shadow superman batman trustno1 michael jennifer jordan hunter2 whatever starwars freedom \
    charlie summer winter flower cheese cookie pepper ginger soccer hockey killer ashley daniel andrew thomas joshua \
    matthew amanda jessica nicole secret computer internet mustang";

const WORDS: &str = "acorn almond amber anchor apron arrow attic autumn bacon badge balcony bamboo banjo barley basil \
    basket beacon beaver beetle bench bicycle biscuit blanket blossom bottle boulder bracket branch breeze brick bridge \
    bronze brush bucket buffalo button cabin cactus camel candle canoe canvas canyon carbon cargo carpet carrot castle \
    cedar cellar cement chalk cherry chimney cinema citrus clarinet clay cliff clock cloud clover cobalt coconut compass \
    copper coral cotton cousin cradle crater crayon cricket crystal curtain cushion cypress daisy dancer desert diamond \
    dolphin domino donkey drawer drizzle drum eagle echo eclipse elbow ember engine envelope fabric falcon feather fence \
    fern ferry fiddle fig filter flannel flask flute fog forest fossil fountain fox freckle frost funnel galaxy garlic \
    gazelle geyser giraffe glacier glove goblet goose granite grape gravel guitar hammer hammock harbor harvest hazel \
    hedge helmet heron hinge honey horizon hornet igloo ink iris iron island ivory jacket jaguar jasmine jelly jigsaw \
    juniper kayak kernel kettle kiosk kite kitten koala ladder lagoon lantern lava lemon lentil lichen lilac linen lizard \
    lobster locket lumber magnet mango maple marble marsh meadow melon meteor mitten mosaic moss muffin mural mustard \
    nectar needle nickel noodle nutmeg oak oasis oboe ocean olive onion orbit orchard otter oyster paddle panda papaya \
    parcel parsley pasture pebble pelican pencil pepper pewter piano pickle pigeon pillow pine pivot planet plaster plum \
    pocket pollen pond poplar porcelain potato prairie prism puddle pumpkin puzzle quarry quartz quilt rabbit radish raft \
    rainbow ranch raven ribbon ridge river robin rocket rudder saddle saffron salmon sandal sapphire satin scarf seaweed \
    shelf shovel sketch sleigh slipper sofa sparrow spatula spinach spiral sponge squirrel stadium starch statue sugar \
    sunset swan syrup tablet teapot temple thimble thistle thunder tiger timber toast tomato topaz tractor trumpet tulip \
    tundra tunnel turnip turtle umbrella valley vanilla velvet violin volcano waffle walnut walrus whistle willow window \
    yogurt zebra zipper";

#[test]
fn common_passwords_and_their_derivations_are_refused() {
    let given = std::env::var_os("NAVIGATOR_COMMON_PASSWORDS");
    let list = match &given {
        Some(path) => String::from_utf8_lossy(&std::fs::read(path).expect("the list")).into_owned(),
        None => COMMON.split_whitespace().collect::<Vec<_>>().join("\n"),
    };
    let outcome = judge(list.lines());
    assert!(outcome.all() >= 900, "too little to say anything:\n{}", outcome.table());
    assert!(outcome.percent() >= BAR_PERCENT, "{}", outcome.table());
}

#[test]
fn every_phrase_of_random_words_is_accepted() {
    let given = std::env::var_os("NAVIGATOR_DICEWARE");
    let list = match &given {
        Some(path) => std::fs::read_to_string(path).expect("the words"),
        None => WORDS.split_whitespace().collect::<Vec<_>>().join("\n"),
    };
    let words = words(&list);
    assert!(words.len() >= 250, "{} words", words.len());
    let made = phrases(&words);
    assert_eq!(made.len(), PHRASES);
    let refused: Vec<&String> = made.iter().filter(|phrase| is_refused(phrase)).collect();
    assert!(refused.is_empty(), "{refused:?}");
}
