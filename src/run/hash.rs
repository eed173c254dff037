//! Content hashes: BLAKE3, hexadecimal, over bytes that do not depend on key order.

use serde_json::Value;

/// BLAKE3 of `bytes`, hexadecimal.
pub fn of_bytes(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// BLAKE3 of a JSON value in canonical form, hexadecimal.
pub fn of_json(value: &Value) -> String {
    of_bytes(canonical(value).as_bytes())
}

/// The value as text without spaces and with the keys of every object sorted.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for (place, key) in keys.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(&map[key], out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// A hash over labelled parts, each with its length, so that no two lists of parts give the same bytes.
#[derive(Debug, Default)]
pub struct Hasher {
    inner: blake3::Hasher,
}

impl Hasher {
    /// Nothing hashed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part.
    pub fn part(&mut self, label: &str, bytes: &[u8]) -> &mut Self {
        for piece in [label.as_bytes(), bytes] {
            self.inner.update(&(piece.len() as u64).to_le_bytes());
            self.inner.update(piece);
        }
        self
    }

    /// The hash of everything added, hexadecimal.
    pub fn finish(&self) -> String {
        self.inner.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_does_not_matter_and_values_do() {
        let a = json!({"b": [1, {"y": null, "x": 2.5}], "a": "ü\""});
        let b = json!({"a": "ü\"", "b": [1, {"x": 2.5, "y": null}]});
        assert_eq!(canonical(&a), canonical(&b));
        assert_eq!(canonical(&a), r#"{"a":"ü\"","b":[1,{"x":2.5,"y":null}]}"#);
        assert_ne!(of_json(&a), of_json(&json!({"a": "ü\"", "b": [1]})));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let one = Hasher::new().part("a", b"bc").part("d", b"").finish();
        let two = Hasher::new().part("a", b"b").part("c", b"d").finish();
        assert_ne!(one, two);
    }
}
