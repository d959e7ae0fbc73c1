use super::ReadError;

/// The words of a file with their lines.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    file: &'a str,
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, at: 0, line: 1 }
    }

    /// The words of one line of a file.
    pub(crate) fn at_line(file: &'a str, text: &'a str, line: usize) -> Self {
        Self { file, text, at: 0, line }
    }

    pub(crate) fn wrong(&self, what: impl Into<String>) -> ReadError {
        ReadError::Wrong { file: self.file.to_owned(), line: self.line, what: what.into() }
    }

    pub(crate) fn peek(&self) -> Option<&'a str> {
        self.clone().next()
    }

    pub(crate) fn word(&mut self, wanted: &'static str) -> Result<&'a str, ReadError> {
        self.next().ok_or_else(|| ReadError::Ended {
            file: self.file.to_owned(),
            line: self.line,
            wanted,
        })
    }

    /// A number, whole where `T` is.
    pub(crate) fn number<T: std::str::FromStr>(
        &mut self,
        wanted: &'static str,
    ) -> Result<T, ReadError> {
        let text = self.word(wanted)?;
        text.parse().map_err(|_| self.bad(text, wanted))
    }

    /// A number that is finite.
    pub(crate) fn real(&mut self, wanted: &'static str) -> Result<f64, ReadError> {
        let text = self.word(wanted)?;
        text.parse().ok().filter(|x: &f64| x.is_finite()).ok_or_else(|| self.bad(text, wanted))
    }

    /// A coordinate: finite, and so large at most that distances keep their decimals.
    pub(crate) fn coordinate(&mut self, wanted: &'static str) -> Result<f64, ReadError> {
        let value = self.real(wanted)?;
        if value.abs() > 1e12 {
            return Err(self.wrong(format!("{wanted} {value:e} 太大；换大一些的单位")));
        }
        Ok(value)
    }

    /// A whole number, also if it is written `100.` or `1.0`.
    pub(crate) fn whole(&mut self, wanted: &'static str) -> Result<i64, ReadError> {
        let text = self.word(wanted)?;
        let value: Option<f64> = text.parse().ok();
        value
            .filter(|x| x.fract() == 0.0 && x.abs() < 9e15)
            .map(|x| x as i64)
            .ok_or_else(|| self.bad(text, wanted))
    }

    /// A number from 1 to `most`, as an index from 0.
    pub(crate) fn index(&mut self, most: usize, wanted: &'static str) -> Result<usize, ReadError> {
        let text = self.word(wanted)?;
        let value: Option<usize> = text.parse().ok();
        value
            .filter(|i| (1..=most).contains(i))
            .map(|i| i - 1)
            .ok_or_else(|| self.bad(text, wanted))
    }

    pub(crate) fn bad(&self, text: &str, wanted: &'static str) -> ReadError {
        let short: String = text.chars().take(30).collect();
        ReadError::Word { file: self.file.to_owned(), line: self.line, text: short, wanted }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at).filter(|b| b.is_ascii_whitespace() || **b == 0) {
            self.line += usize::from(*byte == b'\n');
            self.at += 1;
        }
        let from = self.at;
        while bytes.get(self.at).is_some_and(|b| !b.is_ascii_whitespace() && *b != 0) {
            self.at += 1;
        }
        (from < self.at).then(|| &self.text[from..self.at])
    }
}
