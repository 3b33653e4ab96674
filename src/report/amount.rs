//! Numbers with what they count: `1 file`, `2 files`, `12,345 files`.

/// A number with its thousands parted.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of things whose plural ends with `s`.
pub fn count(number: usize, one: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {one}{s}", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted_and_one_is_one() {
        let told = [0, 1, 999, 1_000, 1_234_567].map(|number| count(number, "file"));
        assert_eq!(told, ["0 files", "1 file", "999 files", "1,000 files", "1,234,567 files"]);
    }
}
