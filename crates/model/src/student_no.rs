use std::fmt;

/// 学籍号: `G`, `L` or `J` and 18 more characters. Lifelong, one a person, and never an identity number:
/// `L…` only looks like one, and a formal `G…` may differ from the id after a correction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StudentNo([u8; 19]);

/// What the first letter of a 学籍号 says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StudentNoKind {
    /// `G`: formal.
    Formal,
    /// `L`: temporary, built like an id but not the pupil's id.
    Temporary,
    /// `J`: made by the school for a pupil without an id.
    WithoutId,
}

impl StudentNo {
    /// Reads `^[GLJ]\d{17}[\dX]$`; small letters and spaces around are taken as meant. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 19] = text.trim().to_ascii_uppercase().into_bytes().try_into().ok()?;
        let well_formed = matches!(bytes[0], b'G' | b'L' | b'J')
            && bytes[1..18].iter().all(u8::is_ascii_digit)
            && (bytes[18].is_ascii_digit() || bytes[18] == b'X');
        well_formed.then_some(Self(bytes))
    }

    /// Formal, temporary or made without an id.
    pub fn kind(&self) -> StudentNoKind {
        match self.0[0] {
            b'G' => StudentNoKind::Formal,
            b'L' => StudentNoKind::Temporary,
            _ => StudentNoKind::WithoutId,
        }
    }

    /// All nineteen characters.
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).expect("ASCII")
    }

    /// The letter, four digits, stars, the last four: a 学籍号 mostly holds the id, so it is masked like one.
    pub fn masked(&self) -> String {
        format!("{}**********{}", &self.reveal()[..5], &self.reveal()[15..])
    }
}

impl fmt::Debug for StudentNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StudentNo({}…{})", &self.reveal()[..1], &self.reveal()[15..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_student_number_is_no_citizen_id() {
        let no = StudentNo::parse("g611026201209150012 ").unwrap();
        assert_eq!(
            (no.kind(), no.masked().as_str()),
            (StudentNoKind::Formal, "G6110**********0012")
        );
        assert_eq!(
            StudentNo::parse("L61102620120915001X").unwrap().kind(),
            StudentNoKind::Temporary
        );
        assert_eq!(StudentNo::parse("611026201209150012"), None);
        assert!(crate::CitizenId::parse("L61102620120915001X").is_err());
    }
}
