//! Compiles `proto/` for `src/contracts`: messages, service traits and the descriptor set
//! with all custom options. Needs no `protoc`: protox parses the files.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through variables")]

use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

use prost::encoding::{decode_varint, encode_varint};

fn main() -> Result<(), Box<dyn Error>> {
    // The script runs for `src/contracts`, whose manifest points up here.
    let manifest_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let proto_dir = manifest_dir.join("../../proto").canonicalize()?;
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);

    let mut files = Vec::new();
    collect(&proto_dir.join("steward"), &mut files)?;
    files.sort();

    // tonic 0.14 prints none of these, and without them every build would run this again.
    println!("cargo:rerun-if-changed={}", proto_dir.display());
    println!("cargo:rerun-if-changed=../../build.rs");

    let mut compiler = protox::Compiler::new([&proto_dir])?;
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(&files)?;

    // prost_types drops custom options, so the descriptor set is kept as protox encodes it.
    let descriptors = with_comments_only(&compiler.encode_file_descriptor_set());
    fs::write(out_dir.join("descriptors.bin"), descriptors)?;

    let clients = env::var_os("CARGO_FEATURE_CLIENTS").is_some();
    tonic_prost_build::configure()
        .build_client(clients)
        .build_server(true)
        .generate_default_stubs(true)
        .codec_path("crate::codec::MessageCodec")
        .bytes(".google.api.HttpBody")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

/// Takes the places in the source out of a `FileDescriptorSet` that hold no comment. They are
/// most of it, nobody asks for them, and each server would keep them in memory three times.
fn with_comments_only(set: &[u8]) -> Vec<u8> {
    // FileDescriptorSet.file, FileDescriptorProto.source_code_info, SourceCodeInfo.location.
    edit(set, 1, &|file| {
        Some(edit(file, 9, &|info| {
            Some(edit(info, 1, &|location| {
                // Leading, trailing and detached comments.
                let mut tags = fields(location).map(|(tag, _, _)| tag);
                tags.any(|tag| matches!(tag, 3 | 4 | 6)).then(|| location.to_vec())
            }))
        }))
    })
}

/// A message with each value of one field, which is a message itself, edited or left out.
fn edit(message: &[u8], tag: u64, change: &dyn Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut edited = Vec::with_capacity(message.len());
    for (found, whole, value) in fields(message) {
        if found == tag {
            if let Some(value) = change(value) {
                encode_varint(tag << 3 | 2, &mut edited);
                encode_varint(value.len() as u64, &mut edited);
                edited.extend(value);
            }
        } else {
            edited.extend(whole);
        }
    }
    edited
}

/// The fields of an encoded message: number, all of its bytes, and its value.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = (u64, &[u8], &[u8])> {
    std::iter::from_fn(move || {
        let start = rest;
        let key = (!rest.is_empty()).then(|| take_varint(&mut rest))?;
        let length = match key & 7 {
            0 => {
                let mut after = rest;
                take_varint(&mut after);
                rest.len() - after.len()
            }
            1 => 8,
            2 => take_varint(&mut rest) as usize,
            _ => 4,
        };
        let (value, after) = rest.split_at(length);
        rest = after;
        Some((key >> 3, &start[..start.len() - rest.len()], value))
    })
}

fn take_varint(bytes: &mut &[u8]) -> u64 {
    decode_varint(bytes).expect("protox encodes whole messages")
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
