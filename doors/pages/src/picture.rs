//! The picture that a device reads its secret from.

use minijinja::{Value, context};
use qrcode::{Color, QrCode};

/// White around the picture, in dots. Source: ISO/IEC 18004, quiet zone.
const QUIET: usize = 4;

/// What an SVG draws: how many dots it is wide and high, and a path of the dark ones. `None` where the text is too long
/// for any picture.
pub(crate) fn of(text: &str) -> Option<Value> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.into_colors().into_iter().enumerate() {
        if color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET));
        }
    }
    Some(context! { size => width + 2 * QUIET, path => path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_three_corners() {
        let picture = of("otpauth://totp/Roster:alice?secret=GEZDGNBVGY3TQOJQ&issuer=Roster").expect("short");
        let number = |name: &str| picture.get_attr(name).expect("it is there");
        let size = usize::try_from(number("size")).expect("a number");
        let path = number("path").to_string();
        for (x, y) in [(QUIET, QUIET), (size - QUIET - 1, QUIET), (QUIET, size - QUIET - 1)] {
            assert!(path.contains(&format!("M{x} {y}h1v1h-1z")), "{x} {y}");
        }
        assert!(of(&"x".repeat(10_000)).is_none());
    }
}
