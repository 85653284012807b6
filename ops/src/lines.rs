//! A file's lines, of which each is read alone: memory does not grow with the file, nor with a line.

use std::io::BufRead;

/// The longest line, in bytes: a text's limit with room for its escapes.
const MAX_LINE_BYTES: usize = 1024 * 1024;

/// The lines of a reader.
pub(crate) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
}

/// The bytes of a line, and the line or why it cannot be read.
pub(crate) type Line<'a> = (u64, std::result::Result<&'a str, String>);

impl<R: BufRead> Lines<R> {
    /// From where the reader stands.
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new() }
    }

    /// The next line; what is over the limit is passed over without being kept.
    pub(crate) fn next(&mut self) -> std::io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let mut bytes = 0_u64;
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let size = end.map_or(available.len(), |at| at + 1);
            let room = (MAX_LINE_BYTES + 1).saturating_sub(self.buffer.len());
            self.buffer.extend_from_slice(&available[..size.min(room)]);
            self.reader.consume(size);
            bytes += size as u64;
            if end.is_some() {
                break;
            }
        }
        if bytes == 0 {
            return Ok(None);
        }
        if bytes > MAX_LINE_BYTES as u64 {
            return Ok(Some((bytes, Err(format!("it has more than {MAX_LINE_BYTES} bytes")))));
        }
        let line = std::str::from_utf8(&self.buffer).map_err(|_| "it is not UTF-8".to_owned());
        Ok(Some((bytes, line)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn lines(text: &[u8]) -> Vec<std::result::Result<String, String>> {
        let mut lines = Lines { reader: BufReader::with_capacity(7, text), buffer: Vec::new() };
        let mut all = Vec::new();
        while let Some((_, line)) = lines.next().expect("bytes") {
            all.push(line.map(|line| line.trim_end().to_owned()));
        }
        all
    }

    #[test]
    fn lines_are_read_whatever_the_buffer_and_the_end() {
        assert_eq!(lines(b"one\ntwo longer than the buffer\r\n\nlast").len(), 4);
        assert_eq!(lines(b"one\n"), [Ok("one".to_owned())]);
        assert!(lines(b"").is_empty());
        assert!(lines(b"\xff\xfe\n")[0].is_err());
    }

    #[test]
    fn a_line_over_the_limit_is_refused_and_the_next_one_read() {
        let text = [vec![b'x'; 3 * MAX_LINE_BYTES], b"\nnext\n".to_vec()].concat();
        let mut lines = Lines { reader: BufReader::new(text.as_slice()), buffer: Vec::new() };
        assert!(lines.next().expect("bytes").expect("a line").1.is_err());
        assert!(lines.buffer.len() <= MAX_LINE_BYTES + 1);
        assert_eq!(lines.next().expect("bytes").expect("a line").1, Ok("next\n"));
    }
}
