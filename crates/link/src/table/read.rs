//! CSV files → a [`Table`] of numbered values, in parallel.

use rayon::prelude::*;

use super::LinkError;
use super::spec::Spec;
use crate::mention::{Texts, hash, mix};

/// Rows of one or two files, column by column; equal cells have equal numbers.
#[derive(Debug, Default)]
pub struct Table {
    pub(crate) rows: usize,
    pub(crate) columns: Vec<Column>,
    /// What each row is called, by number of the row.
    pub(crate) ids: Lines,
    /// A hash of what each row is called.
    pub(crate) called: Vec<u64>,
    /// The first row of each file, and behind the last.
    pub(crate) starts: Vec<usize>,
    /// What the files are called.
    pub(crate) files: Vec<String>,
}

/// One column: for each row the number of its text, 0 where it is empty.
#[derive(Debug, Default)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) codes: Vec<u32>,
    pub(crate) texts: Texts,
}

/// Texts one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    buffer: String,
    end: Vec<u32>,
}

impl Lines {
    fn push(&mut self, text: &str) {
        self.buffer.push_str(text);
        self.end.push(u32::try_from(self.buffer.len()).expect("row names fit 4 GiB"));
    }

    fn append(&mut self, other: &Self) {
        let before = u32::try_from(self.buffer.len()).expect("row names fit 4 GiB");
        self.buffer.push_str(&other.buffer);
        self.end
            .extend(other.end.iter().map(|e| e.checked_add(before).expect("row names fit 4 GiB")));
    }

    pub(crate) fn get(&self, at: usize) -> &str {
        let from = if at == 0 { 0 } else { self.end[at - 1] as usize };
        &self.buffer[from..self.end[at] as usize]
    }
}

/// How much of a file is said elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The file.
    pub file: String,
    /// Rows that say what another row says.
    pub rows: usize,
    /// Rows of the file.
    pub of: usize,
}

/// A file to read: what it is called, and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// For messages.
    pub name: &'a str,
    /// CSV in UTF-8, with a header line; `,`, `;` or tabs between cells.
    pub bytes: &'a [u8],
}

/// The piece of a file that one thread reads at a time.
const PIECE: usize = 1 << 20;

/// Takes the bytes of files as they come and makes a [`Table`] of them; no more than a few megabytes wait at a time.
#[derive(Debug)]
pub struct TableReader<'a> {
    spec: &'a Spec,
    wanted: Vec<String>,
    table: Table,
    file: Option<FileReader>,
}

/// The file that is being read.
#[derive(Debug)]
struct FileReader {
    name: String,
    /// How many bytes it has; 0 once room was made for them.
    bytes: u64,
    header: Option<Header>,
    /// Bytes behind the last line that was read.
    waiting: Vec<u8>,
    /// The number of the first line that waits.
    line: u64,
    /// A quoted cell may hold a line break: from the first quote on everything waits for the end of the file.
    has_quotes: bool,
    rows_before: usize,
}

impl<'a> TableReader<'a> {
    /// For the columns that `spec` speaks of, and `more`.
    pub fn new(spec: &'a Spec, more: &[&str]) -> Self {
        let mut wanted: Vec<String> = spec.columns().into_iter().map(str::to_owned).collect();
        for name in spec.list.as_deref().into_iter().chain(more.iter().copied()) {
            if !wanted.iter().any(|w| w == name) {
                wanted.push(name.to_owned());
            }
        }
        let columns =
            wanted.iter().map(|name| Column { name: name.clone(), ..Column::default() }).collect();
        let table = Table { starts: vec![0], columns, ..Table::default() };
        Self { spec, wanted, table, file: None }
    }

    /// Begins a file of so many bytes, as far as they are known; the one before must have ended.
    pub fn begin(&mut self, name: &str, bytes: u64) {
        assert!(self.file.is_none(), "the file before has ended");
        self.file = Some(FileReader {
            name: name.to_owned(),
            bytes,
            header: None,
            waiting: Vec::new(),
            line: 1,
            has_quotes: false,
            rows_before: self.table.rows,
        });
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// What [`Table::read`] tells, as far as these bytes show it.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let file = self.file.as_mut().expect("a file has begun");
        file.has_quotes |= memchr::memchr(b'"', bytes).is_some();
        let last = memchr::memrchr(b'\n', bytes).filter(|_| !file.has_quotes);
        let Some(last) = last else {
            file.waiting.extend_from_slice(bytes);
            return Ok(());
        };
        let mut lines = &bytes[..=last];
        if !file.waiting.is_empty() {
            // The line that was cut when the bytes before were handed over.
            let first = memchr::memchr(b'\n', lines).map_or(0, |at| at + 1);
            let mut cut = std::mem::take(&mut file.waiting);
            cut.extend_from_slice(&lines[..first]);
            lines = &lines[first..];
            self.take(&cut)?;
        }
        self.take(lines)?;
        let file = self.file.as_mut().expect("a file has begun");
        file.waiting.extend_from_slice(&bytes[last + 1..]);
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What [`Table::read`] tells.
    pub fn end(&mut self) -> Result<(), LinkError> {
        let lines = std::mem::take(&mut self.file.as_mut().expect("a file has begun").waiting);
        self.take(&lines)?;
        let file = self.file.take().expect("a file has begun");
        if self.table.rows == file.rows_before {
            return Err(LinkError::Empty { file: file.name });
        }
        self.table.starts.push(self.table.rows);
        self.table.files.push(file.name);
        Ok(())
    }

    /// The table of all files.
    ///
    /// # Errors
    /// A row name that comes twice.
    pub fn finish(mut self) -> Result<Table, LinkError> {
        assert!(self.file.is_none(), "every file has ended");
        let table = &mut self.table;
        if self.spec.id.is_none() {
            for (file, ends) in table.files.iter().zip(table.starts.windows(2)) {
                for number in 1..=ends[1] - ends[0] {
                    if table.files.len() > 1 {
                        table.ids.push(&format!("{file}:{number}"));
                    } else {
                        table.ids.push(&number.to_string());
                    }
                }
            }
        }
        table.columns.par_iter_mut().for_each(|c| c.texts.seal());
        table.called = (0..table.rows)
            .into_par_iter()
            .with_min_len(4096)
            .map(|row| hash(table.ids.get(row)))
            .collect();
        table.ids_are_unique(self.spec.id.as_deref().unwrap_or_default())?;
        Ok(self.table)
    }

    /// Reads whole lines.
    fn take(&mut self, lines: &[u8]) -> Result<(), LinkError> {
        let file = self.file.as_mut().expect("a file has begun");
        let mut rest = lines;
        if file.header.is_none() {
            let bytes = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
            if bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(());
            }
            let (header, length) =
                Header::of(&file.name, bytes, self.spec.id.as_deref(), &self.wanted)?;
            file.header = Some(header);
            file.line = 2;
            rest = &bytes[length..];
        }
        let header = file.header.as_ref().expect("just read");
        let parts = split(rest, file.line, file.has_quotes);
        let pieces: Vec<Piece> =
            parts.par_iter().map(|part| header.read(&file.name, part)).collect::<Result<_, _>>()?;
        file.line += memchr::memchr_iter(b'\n', rest).count() as u64;
        let table = &mut self.table;
        let rows: usize = pieces.iter().map(|p| p.rows).sum();
        let bytes = std::mem::take(&mut file.bytes);
        if bytes > 2 * lines.len() as u64 && rows > 0 {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a guess"
            )]
            let more = (bytes as f64 / lines.len() as f64 * 1.02 * rows as f64) as usize;
            table.reserve(&pieces, rows, more);
        }
        for piece in &pieces {
            table.rows += piece.rows;
            table.ids.append(&piece.ids);
        }
        if table.rows > u32::MAX as usize - 2 {
            return Err(LinkError::TooManyRows { file: file.name.clone() });
        }
        table.columns.par_iter_mut().enumerate().for_each(|(at, column)| {
            for piece in &pieces {
                let map = column.texts.intern_all(&piece.texts[at]);
                column.codes.extend(piece.codes[at].iter().map(|c| map[*c as usize]));
            }
        });
        Ok(())
    }
}

impl Table {
    /// Makes room for a file of which the first `rows` rows are read, and `all` are expected: what grows step by step leaves
    /// as much memory behind as it takes.
    fn reserve(&mut self, pieces: &[Piece], rows: usize, all: usize) {
        let ids: usize = pieces.iter().map(|p| p.ids.buffer.len()).sum();
        self.ids.buffer.reserve(ids / rows * all);
        self.ids.end.reserve(all);
        self.columns.par_iter_mut().enumerate().for_each(|(at, column)| {
            column.codes.reserve(all);
            let (texts, bytes) = pieces
                .iter()
                .map(|p| &p.texts[at])
                .fold((0, 0), |(n, b), t| (n + t.len(), b + t.bytes()));
            // Of a column whose values hardly repeat, so many more are expected; one that repeats has them all by now.
            if texts * 2 > rows {
                column.texts.reserve(texts * (all / rows) / 4 * 3, bytes * (all / rows) / 4 * 3);
            }
        });
    }

    /// Reads the columns that `spec` speaks of, and `more`, from files that all have them.
    ///
    /// # Errors
    /// A file that is empty or no UTF-8, a column that is missing, a line that is too short or too long, a row name
    /// that comes twice; each with file, line and remedy.
    pub fn read(spec: &Spec, sources: &[Source<'_>], more: &[&str]) -> Result<Self, LinkError> {
        let mut reader = TableReader::new(spec, more);
        for source in sources {
            reader.begin(source.name, source.bytes.len() as u64);
            reader.feed(source.bytes)?;
            reader.end()?;
        }
        reader.finish()
    }

    /// How many rows of each file say exactly what another row says in the columns that `spec` compares: an earlier row of
    /// the same file or, with `onto`, any row of the first file.
    pub fn repeated(&self, spec: &Spec, onto: bool) -> Vec<Repeated> {
        let columns: Vec<&Column> = spec
            .comparisons
            .iter()
            .flat_map(|c| &c.columns)
            .filter_map(|c| self.column(c))
            .collect();
        let cells = |row: u32| columns.iter().map(move |c| c.codes[row as usize]);
        let mut rows: Vec<(u64, u32)> = (0..u32::try_from(self.rows)
            .expect("rows are counted in 32 bits"))
            .into_par_iter()
            .map(|row| (cells(row).fold(1, |h, c| mix(h ^ u64::from(c))), row))
            .collect();
        rows.par_sort_unstable();
        let mut counts = vec![0; self.files.len()];
        for alike in rows.chunk_by(|a, b| a.0 == b.0) {
            let mut seen = vec![false; self.files.len()];
            for (_, row) in alike {
                let file = self.file_of(*row);
                let says_something = cells(*row).any(|c| c != 0);
                if says_something && (seen[file] || onto && file > 0 && seen[0]) {
                    counts[file] += 1;
                }
                seen[file] = true;
            }
        }
        let of = self.files.iter().zip(self.starts.windows(2)).zip(counts);
        of.skip(usize::from(onto))
            .map(|((file, ends), rows)| Repeated {
                file: file.clone(),
                rows,
                of: ends[1] - ends[0],
            })
            .collect()
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// What a row is called.
    pub fn id(&self, row: u32) -> &str {
        self.ids.get(row as usize)
    }

    /// The row that is called so.
    pub fn row(&self, id: &str) -> Option<u32> {
        (0..self.rows).find(|r| self.ids.get(*r) == id).and_then(|r| u32::try_from(r).ok())
    }

    /// Every row by its name: rows in the order of their names, for [`Table::find`].
    pub fn by_id(&self) -> Vec<u32> {
        let mut order: Vec<u32> =
            (0..u32::try_from(self.rows).expect("rows are counted in 32 bits")).collect();
        order.par_sort_unstable_by(|a, b| self.id(*a).cmp(self.id(*b)));
        order
    }

    /// The row that is called so, by the order that [`Table::by_id`] gave.
    pub fn find(&self, order: &[u32], id: &str) -> Option<u32> {
        let at = order.binary_search_by(|r| self.id(*r).cmp(id)).ok()?;
        Some(order[at])
    }

    /// The number of the file that a row stands in.
    pub(crate) fn file_of(&self, row: u32) -> usize {
        self.starts.partition_point(|s| *s <= row as usize) - 1
    }

    /// The text of a cell; empty where it is missing or the column was not read.
    pub fn cell(&self, row: u32, column: &str) -> &str {
        self.column(column).map_or("", |c| c.texts.get(c.codes[row as usize]))
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    fn ids_are_unique(&self, column: &str) -> Result<(), LinkError> {
        // Names that are equal have equal hashes.
        let mut sorted = self.called.clone();
        sorted.par_sort_unstable();
        let twice = sorted.windows(2).filter(|w| w[0] == w[1]).find_map(|w| {
            let mut rows = (0_u32..).zip(&self.called).filter(|(_, h)| **h == w[0]).map(|(r, _)| r);
            let first = rows.next()?;
            rows.find(|r| self.id(*r) == self.id(first)).map(|second| [first, second])
        });
        match twice {
            None => Ok(()),
            Some(w) => {
                let place = |row: u32| {
                    let file = self.file_of(row);
                    (self.files[file].clone(), row as usize - self.starts[file] + 2)
                };
                let [first, second] = w;
                Err(LinkError::IdTwice {
                    id: self.id(first).to_owned(),
                    column: column.to_owned(),
                    first: place(first),
                    second: place(second),
                })
            }
        }
    }
}

/// Where a file's columns stand.
#[derive(Debug)]
struct Header {
    names: Vec<String>,
    delimiter: u8,
    /// The place of the row's name, and of each wanted column.
    id: Option<usize>,
    at: Vec<usize>,
}

/// A run of lines: its bytes, and the line of the file that its first one is.
struct Part<'a> {
    bytes: &'a [u8],
    line: u64,
}

#[derive(Default)]
struct Piece {
    rows: usize,
    ids: Lines,
    codes: Vec<Vec<u32>>,
    texts: Vec<Texts>,
}

/// Runs of whole lines; one run if a cell may hold a line break.
fn split(lines: &[u8], mut line: u64, has_quotes: bool) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let end = if has_quotes || rest.len() <= PIECE {
            rest.len()
        } else {
            memchr::memchr(b'\n', &rest[PIECE..]).map_or(rest.len(), |n| PIECE + n + 1)
        };
        let (bytes, more) = rest.split_at(end);
        parts.push(Part { bytes, line });
        if !more.is_empty() {
            line += memchr::memchr_iter(b'\n', bytes).count() as u64;
        }
        rest = more;
    }
    parts
}

impl Header {
    /// The header at the beginning of `bytes`, and its length.
    fn of(
        file: &str,
        bytes: &[u8],
        id: Option<&str>,
        wanted: &[String],
    ) -> Result<(Self, usize), LinkError> {
        let first = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
        let delimiter = [b',', b'\t', b';']
            .into_iter()
            .max_by_key(|d| (memchr::memchr_iter(*d, &bytes[..first]).count(), *d == b','))
            .expect("three of them");
        let mut reader = reader(bytes, delimiter);
        let mut header = csv::ByteRecord::new();
        let read = reader.read_byte_record(&mut header);
        let length = usize::try_from(reader.position().byte()).expect("a place in memory");
        read.map_err(|_| LinkError::Unreadable { file: file.to_owned(), line: 1 })?;
        let names: Vec<String> =
            header.iter().map(|h| String::from_utf8_lossy(h).trim().to_owned()).collect();
        if std::str::from_utf8(&bytes[..length]).is_err() {
            return Err(LinkError::NotUtf8 { file: file.to_owned(), line: 1, column: None });
        }
        let find = |name: &str| {
            names.iter().position(|n| n == name).ok_or_else(|| LinkError::NoColumn {
                file: file.to_owned(),
                column: name.to_owned(),
                nearest: nearest(name, &names),
                there: names.clone(),
            })
        };
        let id = id.map(find).transpose()?;
        let at = wanted.iter().map(|name| find(name)).collect::<Result<_, _>>()?;
        Ok((Self { names: names.clone(), delimiter, id, at }, length))
    }

    fn read(&self, file: &str, part: &Part<'_>) -> Result<Piece, LinkError> {
        let mut piece = Piece {
            codes: vec![Vec::new(); self.at.len()],
            texts: self.at.iter().map(|_| Texts::default()).collect(),
            ..Piece::default()
        };
        let mut reader = reader(part.bytes, self.delimiter);
        let mut record = csv::ByteRecord::new();
        loop {
            let line = part.line + reader.position().line() - 1;
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => {
                    // What finds texts again is not needed any more.
                    piece.texts.iter_mut().for_each(Texts::seal);
                    return Ok(piece);
                }
                Err(_) => return Err(LinkError::Unreadable { file: file.to_owned(), line }),
            }
            if record.len() != self.names.len() {
                // An empty line is no row.
                if record.iter().all(<[u8]>::is_empty) {
                    continue;
                }
                return Err(LinkError::Ragged {
                    file: file.to_owned(),
                    line,
                    expected: self.names.len(),
                    found: record.len(),
                });
            }
            let Ok(cells) = std::str::from_utf8(record.as_slice()) else {
                let bad = record.iter().position(|c| std::str::from_utf8(c).is_err()).unwrap_or(0);
                return Err(LinkError::NotUtf8 {
                    file: file.to_owned(),
                    line,
                    column: self.names.get(bad).cloned(),
                });
            };
            let cell = |at: usize| {
                let range = record.range(at).expect("as many cells as the header");
                // The halves of a character cannot lie in two cells: commas and line ends are ASCII.
                trim(cells.get(range).unwrap_or_default())
            };
            if let Some(at) = self.id {
                piece.ids.push(cell(at));
            }
            for ((codes, texts), at) in piece.codes.iter_mut().zip(&mut piece.texts).zip(&self.at) {
                let text = cell(*at);
                codes.push(if is_missing(text) { 0 } else { texts.intern(text) });
            }
            piece.rows += 1;
        }
    }
}

/// The name that is written most like another, if any is.
fn nearest(name: &str, names: &[String]) -> Option<String> {
    let chars = |t: &str| t.chars().collect::<Vec<char>>();
    let wanted = chars(name);
    let near = |n: &String| Some((super::text::edit_distance(&wanted, &chars(n), 3)?, n.clone()));
    names.iter().filter_map(near).min().map(|(_, n)| n)
}

/// Without spaces at both ends.
fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// What programs write for nothing.
fn is_missing(text: &str) -> bool {
    text.len() <= 4 && matches!(text, "NULL" | "\\N" | "N/A" | "NaN")
}

fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(1 << 18)
        .from_reader(bytes)
}
