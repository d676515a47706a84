//! Breaking text into lines.

use crate::Run;
use crate::face::{Face, Faces};

/// A line: what it says, face by face.
pub(crate) type Line = Vec<Run>;

/// Breaks text into lines of at most `width` points, between words where they fit.
pub(crate) fn lines(faces: &Faces, text: &[Run], size: f32, width: f32) -> Vec<Line> {
    let mut breaker =
        Breaker { faces, size, width, lines: Vec::new(), line: Vec::new(), used: 0.0 };
    let mut word: Vec<Run> = Vec::new();
    for run in text {
        for piece in pieces(&run.text) {
            match piece {
                "\n" => {
                    breaker.word(&mut word);
                    breaker.end();
                }
                " " => {
                    breaker.word(&mut word);
                    breaker.space(run.face);
                }
                letters => join(&mut word, Run { text: letters.to_owned(), face: run.face }),
            }
        }
    }
    breaker.word(&mut word);
    breaker.end();
    breaker.lines
}

/// Splits a text into line breaks, single spaces and what is between.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let is_gap =
        |letter: char| letter.is_whitespace() && letter != '\u{a0}' && letter != '\u{202f}';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = if is_gap(first) {
            rest.find(|letter| !is_gap(letter)).unwrap_or(rest.len())
        } else {
            rest.find(is_gap).unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some(match is_gap(first) {
            true if piece.contains('\n') => "\n",
            true => " ",
            false => piece,
        })
    })
}

/// Appends a run, to the last one if that has the same face.
fn join(line: &mut Line, run: Run) {
    match line.last_mut() {
        Some(last) if last.face == run.face => last.text.push_str(&run.text),
        _ => line.push(run),
    }
}

struct Breaker<'a> {
    faces: &'a Faces,
    size: f32,
    width: f32,
    lines: Vec<Line>,
    line: Line,
    /// Width of the line so far.
    used: f32,
}

impl Breaker<'_> {
    fn measure(&self, runs: &[Run]) -> f32 {
        runs.iter().map(|run| self.faces.width(run.face, &run.text, self.size)).sum()
    }

    /// Sets a word, on the next line if this one has no room.
    fn word(&mut self, word: &mut Vec<Run>) {
        let word = std::mem::take(word);
        if word.is_empty() {
            return;
        }
        let width = self.measure(&word);
        if self.used + width > self.width && !self.line.is_empty() {
            self.end();
        }
        if width > self.width {
            return self.broken(word);
        }
        self.used += width;
        for run in word {
            join(&mut self.line, run);
        }
    }

    /// Sets a word that is longer than a line: as many letters as there is room for.
    fn broken(&mut self, word: Vec<Run>) {
        for run in word {
            for letter in run.text.chars() {
                let piece = Run { text: letter.to_string(), face: run.face };
                let width = self.measure(std::slice::from_ref(&piece));
                if self.used + width > self.width && !self.line.is_empty() {
                    self.end();
                }
                self.used += width;
                join(&mut self.line, piece);
            }
        }
    }

    fn space(&mut self, face: Face) {
        if self.line.is_empty() {
            return;
        }
        self.used += self.faces.width(face, " ", self.size);
        join(&mut self.line, Run { text: " ".to_owned(), face });
    }

    fn end(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        if let Some(last) = line.last_mut() {
            last.text.truncate(last.text.trim_end_matches(' ').len());
        }
        self.used = 0.0;
        self.lines.push(line);
    }
}
