//! A small linear model beside the patterns: how likely a text is an attack, from its words, letters and shape.
//!
//! Logistic regression over hashed n-grams, trained by `cargo run -p tests --bin train_security` and stored as one signed
//! byte a weight. It decides nothing alone: what it finds is suspicious, never blocked.
//!
//! Invariants: linear in the text, of which the first [`MOST_CHARACTERS`] are read; the file holds weights only, none of
//! the texts.

use std::collections::HashMap;

use crate::agents::fold::Text;
use crate::agents::fold::letters;

/// The weights as they are committed.
const WEIGHTS: &[u8] = include_bytes!("weights.bin");
const MAGIC: &[u8; 8] = b"NAVSEC1\n";
const HEADER_BYTES: usize = 20;
/// How many weights there are.
pub const BUCKETS: usize = 1 << 17;
/// How much of a text is read.
pub const MOST_CHARACTERS: usize = 2_000;
/// How much the shape of a text counts beside its words and its letters.
const SHAPE_WEIGHT: f32 = 0.5;

/// The features of a text: bucket and value, sorted by bucket.
pub type Features = Vec<(u32, f32)>;

/// A model: the committed one, or one in training.
#[derive(Debug)]
pub struct Model<'a> {
    weights: &'a [u8],
    scale: f32,
    bias: f32,
    threshold: f32,
}

impl Model<'static> {
    /// The committed model; `None` when the file is not one, and then the patterns work alone (a test forbids it).
    pub fn committed() -> Option<Self> {
        Self::read(WEIGHTS)
    }
}

impl<'a> Model<'a> {
    /// Reads a model: magic, then scale, bias and threshold (little-endian f32), then one signed byte a weight.
    pub fn read(file: &'a [u8]) -> Option<Self> {
        let number = |at: usize| file.get(at..at + 4)?.try_into().ok().map(f32::from_le_bytes);
        let weights = file.get(HEADER_BYTES..)?;
        (file.starts_with(MAGIC) && weights.len() == BUCKETS).then_some(())?;
        Some(Self { weights, scale: number(8)?, bias: number(12)?, threshold: number(16)? })
    }

    /// Writes a model in the form that [`Model::read`] reads; the weights are rounded to 255 steps.
    pub fn write(weights: &[f32], bias: f32, threshold: f32) -> Vec<u8> {
        let most = weights.iter().fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
        let scale = most / 127.0;
        let mut file = MAGIC.to_vec();
        for number in [scale, bias, threshold] {
            file.extend_from_slice(&number.to_le_bytes());
        }
        file.extend(weights.iter().map(|weight| ((weight / scale).round() as i8).to_le_bytes()[0]));
        file
    }

    /// The text's score; positive means an attack more likely than not.
    pub fn score(&self, features: &Features) -> f32 {
        let weight = |bucket: u32| self.weights.get(bucket as usize).map_or(0, |byte| i8::from_le_bytes([*byte]));
        let sum: f32 = features.iter().map(|(bucket, value)| f32::from(weight(*bucket)) * value).sum();
        self.bias + self.scale * sum
    }

    /// The score from which on a text is suspicious.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }
}

/// The features of a text: hashed words and pairs of words, runs of three to five characters, and its shape.
pub fn features(text: &str) -> Features {
    let text = first(text, MOST_CHARACTERS);
    let mut features = words(text);
    features.extend(runs(text));
    features.extend(shape(text));
    let mut sums: HashMap<u32, f32> = HashMap::with_capacity(features.len());
    for (bucket, value) in features {
        *sums.entry(bucket).or_default() += value;
    }
    let mut features: Features = sums.into_iter().collect();
    features.sort_unstable_by_key(|(bucket, _)| *bucket);
    features
}

fn first(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

fn words(text: &str) -> Features {
    let text = Text::new(text);
    let words: Vec<&str> = text.words().collect();
    let singles = words.iter().map(|word| hash(b'w', word.bytes()));
    let pairs = words.windows(2).map(|pair| hash(b'p', pair.iter().flat_map(|word| word.bytes().chain([b' ']))));
    scaled(singles.chain(pairs), 1.0)
}

fn runs(text: &str) -> Features {
    let mut letters: Vec<char> = Vec::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if letters.last() != Some(&' ') {
                letters.push(' ');
            }
        } else {
            letters.extend(letters::folded(c));
        }
    }
    let bytes = |run: &[char]| run.iter().flat_map(|c| u32::from(*c).to_le_bytes()).collect::<Vec<u8>>();
    let runs = (3..=5).flat_map(|length| letters.windows(length).map(move |run| hash(b'c', bytes(run).into_iter())));
    scaled(runs, 1.0)
}

/// The shape: length, capitals, marks, lines.
fn shape(text: &str) -> Features {
    let count = |wanted: &[char]| text.chars().filter(|c| wanted.contains(c)).count();
    let words = text.split_whitespace().count();
    let shouted =
        text.split_whitespace().filter(|word| word.len() > 2 && !word.chars().any(char::is_lowercase)).count();
    let steps = |number: usize, per_doubling: f32| ((number as f32 + 1.0).log2() * per_doubling) as usize;
    let shape = [
        ("length", steps(words, 1.5).min(12)),
        ("shouted", shouted.min(4)),
        ("sentences", steps(count(&['.', '!', '?', '\n']), 2.0).min(8)),
        ("colons", count(&[':']).min(3)),
        ("quotes", count(&['"', '“', '”']).min(3)),
        ("brackets", count(&['[', ']', '{', '}', '<', '>', '*', '#']).min(3)),
        ("lines", count(&['\n']).min(3)),
        ("asks", usize::from(text.trim_end().ends_with('?'))),
        ("capital", usize::from(text.starts_with(char::is_uppercase))),
    ];
    let named = shape.iter().map(|(name, value)| hash(b's', name.bytes().chain([b'0' + *value as u8])));
    scaled(named, SHAPE_WEIGHT)
}

/// Counts made logarithmic, and the whole made as long as `length`.
fn scaled(buckets: impl Iterator<Item = u32>, length: f32) -> Features {
    let mut counts: HashMap<u32, f32> = HashMap::new();
    for bucket in buckets {
        *counts.entry(bucket).or_default() += 1.0;
    }
    let mut features: Features = counts.into_iter().map(|(bucket, count)| (bucket, count.ln_1p())).collect();
    features.sort_unstable_by_key(|(bucket, _)| *bucket);
    let norm = features.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
    if norm > 0.0 {
        features.iter_mut().for_each(|(_, value)| *value *= length / norm);
    }
    features
}

/// FNV-1a.
fn hash(kind: u8, bytes: impl Iterator<Item = u8>) -> u32 {
    let hash = std::iter::once(kind)
        .chain(bytes)
        .fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 17)) & (BUCKETS as u32 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_file_is_a_model_of_its_size() {
        let model = Model::committed().expect("a model");
        assert!(model.threshold().is_finite() && model.scale > 0.0);
        assert!(WEIGHTS.len() <= 256 * 1024);
    }

    #[test]
    fn a_written_model_scores_as_the_weights_do() {
        let mut weights = vec![0.0; BUCKETS];
        let features = features("a text of some words");
        for (number, (bucket, _)) in features.iter().enumerate() {
            weights[*bucket as usize] = number as f32 / 10.0 - 3.0;
        }
        let file = Model::write(&weights, 0.25, 1.5);
        let model = Model::read(&file).expect("a model");
        let exact: f32 = features.iter().map(|(bucket, value)| weights[*bucket as usize] * value).sum::<f32>() + 0.25;
        assert!((model.score(&features) - exact).abs() < 0.2, "{} {exact}", model.score(&features));
        assert_eq!(model.threshold(), 1.5);
        assert!(Model::read(&file[1..]).is_none());
    }

    #[test]
    fn only_the_beginning_of_a_long_text_counts() {
        let long = "word ".repeat(10_000);
        assert_eq!(features(&long), features(first(&long, MOST_CHARACTERS)));
        assert!(features("").iter().all(|(bucket, value)| (*bucket as usize) < BUCKETS && value.is_finite()));
    }
}
