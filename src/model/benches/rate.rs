//! Tokens per processor second of a model, to set beside `llama_cpp_rate.py` on the same machine.
//!
//! `cargo bench -p proteus-model --bench rate -- model.gguf [prompt tokens] [reply tokens]`

#![expect(clippy::print_stdout, reason = "a bench reports on the terminal")]

use std::path::Path;

use proteus_model::generation::sampler::most_likely;
use proteus_model::{Decoder, LocalModel, OpenOptions};

/// Seconds of processor time of this process, from the kernel's count of ticks (100 per second).
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|field| field.parse::<f64>().ok())
            .unwrap_or(f64::NAN)
    };
    (ticks(11) + ticks(12)) / 100.0
}

/// Largest memory of this process so far, MB.
fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap_or_default();
    let number = line
        .split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<f64>().ok());
    number.unwrap_or(f64::NAN) / 1000.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let Some(path) = arguments.first() else {
        println!("no model named; nothing measured");
        return Ok(());
    };
    let number = |at: usize, default: usize| {
        arguments
            .get(at)
            .and_then(|n| n.parse().ok())
            .unwrap_or(default)
    };
    let (prompt, reply) = (number(1, 225), number(2, 48));

    let start = processor_seconds();
    let model = LocalModel::open(Path::new(path), &OpenOptions::default())?;
    let info = model.info();
    println!(
        "{} {}: opened in {:.1} processor s, weights {:.0} MB",
        info.name,
        info.quantisation,
        processor_seconds() - start,
        info.memory as f64 / 1e6
    );
    let decoder = model.decoder()?;
    let text =
        "The proteome of a cell changes with time, place and signal; ".repeat(1 + prompt / 8);
    let tokens = &model.tokenizer()?.encode_text(&text)?[..prompt];
    for round in 1..=3 {
        let mut cache = decoder.cache();
        let start = processor_seconds();
        let mut logits = decoder.last_logits(&mut cache, tokens)?;
        let read = processor_seconds();
        for _ in 0..reply {
            let token = most_likely(&logits).ok_or("no token")?;
            logits = decoder.last_logits(&mut cache, &[token])?;
        }
        let wrote = processor_seconds();
        println!(
            "round {round}: prompt {:.1}, reply {:.1} tokens per processor s",
            prompt as f64 / (read - start),
            reply as f64 / (wrote - read)
        );
    }
    println!("peak memory {:.0} MB", peak_memory());
    Ok(())
}
