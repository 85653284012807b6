//! What a built binary asks of the system that runs it, read from its dynamic string table.

use std::path::Path;

/// glibc of provided.al2023.
pub const GLIBC_OF_THE_RUNTIME: (u32, u32) = (2, 34);

/// The newest glibc that a binary asks for. Its string table names each version it needs as `GLIBC_x.y`; the whole file is
/// searched for them, so the answer may be too high and is never too low.
pub fn glibc(binary: &Path) -> Option<(u32, u32)> {
    const SIGN: &[u8] = b"GLIBC_";
    let bytes = std::fs::read(binary).unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    let starts = bytes.windows(SIGN.len()).enumerate().filter(|(_, window)| *window == SIGN);
    let version = |start: usize| -> Option<(u32, u32)> {
        let text = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
        let text: String = text.map(|byte| char::from(*byte)).collect();
        let mut numbers = text.split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    starts.filter_map(|(start, _)| version(start + SIGN.len())).max()
}

/// Whether a binary is linked to the system's OpenSSL.
pub fn asks_for_openssl(binary: &Path) -> bool {
    let bytes = std::fs::read(binary).unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    bytes.windows(10).any(|window| window == b"libssl.so.")
}
