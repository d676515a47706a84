//! The comments of the contract, found by file and descriptor path.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, FileDescriptor};

/// All leading comments of a descriptor pool.
#[derive(Debug)]
pub(super) struct Comments(HashMap<String, HashMap<Vec<i32>, String>>);

impl Comments {
    pub(super) fn read(pool: &DescriptorPool) -> Self {
        let mut files = HashMap::new();
        for file in pool.file_descriptor_protos() {
            let mut comments = HashMap::new();
            for location in file.source_code_info.iter().flat_map(|info| &info.location) {
                let comment = tidy(location.leading_comments());
                if !comment.is_empty() {
                    comments.insert(location.path.clone(), comment);
                }
            }
            files.insert(file.name().to_owned(), comments);
        }
        Self(files)
    }

    pub(super) fn of(&self, file: &FileDescriptor, path: &[i32]) -> &str {
        self.0.get(file.name()).and_then(|comments| comments.get(path)).map_or("", String::as_str)
    }
}

/// Joins the lines of a paragraph, keeps paragraphs apart by an empty line.
fn tidy(comment: &str) -> String {
    let mut text = String::with_capacity(comment.len());
    for line in comment.lines().map(str::trim) {
        if line.is_empty() {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push_str("\n\n");
            }
        } else {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn joins_lines_and_keeps_paragraphs() {
        assert_eq!(tidy(" One\n two.\n\n Three.\n"), "One two.\n\nThree.");
        assert_eq!(tidy(""), "");
    }
}
