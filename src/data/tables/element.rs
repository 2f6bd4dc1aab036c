//! What one element of a binary array is, and how bytes become f32 rows, class names and indices.

use half::{bf16, f16};

/// The type of an array's elements and their byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// The type.
    pub kind: Kind,
    /// Most significant byte first.
    pub big_endian: bool,
}

/// Types that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One byte, 0 or 1.
    Bool,
    /// Signed integers.
    I8,
    /// 16 bits.
    I16,
    /// 32 bits.
    I32,
    /// 64 bits.
    I64,
    /// Unsigned integers.
    U8,
    /// 16 bits.
    U16,
    /// 32 bits.
    U32,
    /// 64 bits.
    U64,
    /// IEEE half precision.
    F16,
    /// bfloat16.
    BF16,
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
    /// numpy's `U`: this many UTF-32 code units, padded by 0.
    Ucs4(usize),
    /// numpy's `S`: this many bytes, padded by 0.
    Bytes(usize),
}

/// A whole number, a number, or text.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Any number.
    Number(f64),
    /// A whole number, exactly.
    Integer(i128),
    /// A string.
    Text(String),
}

impl Element {
    /// Bytes of one element; `None` where that overflows.
    pub fn size(self) -> Option<usize> {
        match self.kind {
            Kind::Bool | Kind::I8 | Kind::U8 => Some(1),
            Kind::I16 | Kind::U16 | Kind::F16 | Kind::BF16 => Some(2),
            Kind::I32 | Kind::U32 | Kind::F32 => Some(4),
            Kind::I64 | Kind::U64 | Kind::F64 => Some(8),
            Kind::Ucs4(units) => units.checked_mul(4),
            Kind::Bytes(bytes) => Some(bytes),
        }
    }

    /// Whether the elements are real numbers.
    pub fn is_number(self) -> bool {
        !matches!(self.kind, Kind::Ucs4(_) | Kind::Bytes(_))
    }

    /// Writes the elements of `bytes` to `out` as f32 (rounded to nearest, infinite beyond f32); text becomes NaN.
    pub fn to_f32(self, bytes: &[u8], out: &mut [f32]) {
        macro_rules! convert {
            ($type:ty, $into:expr) => {{
                const SIZE: usize = size_of::<$type>();
                for (value, bytes) in out.iter_mut().zip(bytes.chunks_exact(SIZE)) {
                    let mut word = [0; SIZE];
                    word.copy_from_slice(bytes);
                    let number =
                        if self.big_endian { <$type>::from_be_bytes(word) } else { <$type>::from_le_bytes(word) };
                    *value = $into(number);
                }
            }};
        }
        match self.kind {
            Kind::Bool => convert!(u8, |v| if v == 0 { 0.0 } else { 1.0 }),
            Kind::I8 => convert!(i8, f32::from),
            Kind::U8 => convert!(u8, f32::from),
            Kind::I16 => convert!(i16, f32::from),
            Kind::U16 => convert!(u16, f32::from),
            Kind::I32 => convert!(i32, |v| v as f32),
            Kind::U32 => convert!(u32, |v| v as f32),
            Kind::I64 => convert!(i64, |v| v as f32),
            Kind::U64 => convert!(u64, |v| v as f32),
            Kind::F16 => convert!(f16, f16::to_f32),
            Kind::BF16 => convert!(bf16, bf16::to_f32),
            Kind::F32 => convert!(f32, |v| v),
            Kind::F64 => convert!(f64, |v| v as f32),
            Kind::Ucs4(_) | Kind::Bytes(_) => out.fill(f32::NAN),
        }
    }

    /// How many of the elements f32 can't hold, of which `out` was made: (too large, too small).
    pub fn lost(self, bytes: &[u8], out: &[f32]) -> (u64, u64) {
        if self.kind != Kind::F64 {
            return (0, 0);
        }
        let (mut over, mut under) = (0, 0);
        for (bytes, value) in bytes.chunks_exact(8).zip(out) {
            if value.is_infinite() || *value == 0.0 {
                let mut word = [0; 8];
                word.copy_from_slice(bytes);
                let exact = if self.big_endian { f64::from_be_bytes(word) } else { f64::from_le_bytes(word) };
                over += u64::from(exact.is_finite() && value.is_infinite());
                under += u64::from(exact != 0.0 && *value == 0.0);
            }
        }
        (over, under)
    }

    /// The type as people call it.
    pub fn name(self) -> String {
        match self.kind {
            Kind::Bool => "bool",
            Kind::I8 => "int8",
            Kind::I16 => "int16",
            Kind::I32 => "int32",
            Kind::I64 => "int64",
            Kind::U8 => "uint8",
            Kind::U16 => "uint16",
            Kind::U32 => "uint32",
            Kind::U64 => "uint64",
            Kind::F16 => "float16",
            Kind::BF16 => "bfloat16",
            Kind::F32 => "float32",
            Kind::F64 => "float64",
            Kind::Ucs4(_) | Kind::Bytes(_) => "text",
        }
        .to_owned()
    }

    /// One element as a label or an index.
    pub fn scalar(self, bytes: &[u8]) -> Scalar {
        let mut bytes = bytes.to_vec();
        let is_text = !self.is_number();
        if self.big_endian && !is_text {
            bytes.reverse();
        }
        // Little-endian from here, sign-extended for the signed ones.
        let unsigned = || bytes.iter().rev().take(16).fold(0_u128, |value, byte| value << 8 | u128::from(*byte));
        let signed = || {
            let free = 128 - 8 * bytes.len().clamp(1, 16) as u32;
            (unsigned() as i128) << free >> free
        };
        match self.kind {
            Kind::Bool | Kind::U8 | Kind::U16 | Kind::U32 | Kind::U64 => Scalar::Integer(unsigned() as i128),
            Kind::I8 | Kind::I16 | Kind::I32 | Kind::I64 => Scalar::Integer(signed()),
            Kind::F16 => Scalar::Number(f16::from_bits(unsigned() as u16).to_f64()),
            Kind::BF16 => Scalar::Number(bf16::from_bits(unsigned() as u16).to_f64()),
            Kind::F32 => Scalar::Number(f64::from(f32::from_bits(unsigned() as u32))),
            Kind::F64 => Scalar::Number(f64::from_bits(unsigned() as u64)),
            Kind::Bytes(_) => Scalar::Text(String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned()),
            Kind::Ucs4(_) => {
                let unit = |unit: &[u8]| {
                    let unit = [unit[0], unit[1], unit[2], unit[3]];
                    let code = if self.big_endian { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
                    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                };
                let text: String = bytes.chunks_exact(4).map(unit).collect();
                Scalar::Text(text.trim_end_matches('\0').to_owned())
            }
        }
    }
}

impl Scalar {
    /// The value as a whole number, if it is one.
    pub fn integer(&self) -> Option<i128> {
        match self {
            Scalar::Integer(value) => Some(*value),
            Scalar::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(*value as i128),
            Scalar::Number(_) | Scalar::Text(_) => None,
        }
    }
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Scalar::Number(value) => value.fmt(f),
            Scalar::Integer(value) => value.fmt(f),
            Scalar::Text(value) => value.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(kind: Kind, big_endian: bool) -> Element {
        Element { kind, big_endian }
    }

    fn f32_of(kind: Kind, big_endian: bool, bytes: &[u8]) -> f32 {
        let mut out = [9.0];
        element(kind, big_endian).to_f32(bytes, &mut out);
        out[0]
    }

    #[test]
    fn numbers_of_every_type_and_byte_order_become_f32() {
        assert_eq!(f32_of(Kind::F64, false, &(-2.5_f64).to_le_bytes()), -2.5);
        assert_eq!(f32_of(Kind::F64, true, &(-2.5_f64).to_be_bytes()), -2.5);
        assert_eq!(f32_of(Kind::F32, true, &0.1_f32.to_be_bytes()), 0.1);
        assert_eq!(f32_of(Kind::F16, false, &[0x00, 0xc1]), -2.5);
        assert_eq!(f32_of(Kind::BF16, false, &[0x20, 0xc0]), -2.5);
        assert_eq!(f32_of(Kind::I16, true, &(-300_i16).to_be_bytes()), -300.0);
        assert_eq!(f32_of(Kind::U64, false, &7_u64.to_le_bytes()), 7.0);
        assert_eq!(f32_of(Kind::I8, false, &[0xff]), -1.0);
        assert_eq!(f32_of(Kind::Bool, false, &[1]), 1.0);
        assert_eq!(f32_of(Kind::F64, false, &1e300_f64.to_le_bytes()), f32::INFINITY);
    }

    #[test]
    fn labels_keep_their_sign_and_their_name() {
        assert_eq!(element(Kind::I64, false).scalar(&(-3_i64).to_le_bytes()), Scalar::Integer(-3));
        assert_eq!(element(Kind::I32, true).scalar(&(-3_i32).to_be_bytes()), Scalar::Integer(-3));
        assert_eq!(element(Kind::U64, false).scalar(&u64::MAX.to_le_bytes()), Scalar::Integer(u64::MAX.into()));
        assert_eq!(element(Kind::F32, true).scalar(&4_f32.to_be_bytes()).integer(), Some(4));
        assert_eq!(element(Kind::F64, false).scalar(&0.5_f64.to_le_bytes()).integer(), None);
        assert_eq!(element(Kind::Bytes(5), false).scalar(b"cat\0\0"), Scalar::Text("cat".into()));
        let wide = |be: bool| -> Vec<u8> {
            ['k', 'ö', '\0']
                .iter()
                .flat_map(|c| if be { (*c as u32).to_be_bytes() } else { (*c as u32).to_le_bytes() })
                .collect()
        };
        for big_endian in [false, true] {
            assert_eq!(element(Kind::Ucs4(3), big_endian).scalar(&wide(big_endian)), Scalar::Text("kö".into()));
        }
    }
}
