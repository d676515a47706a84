//! Compiles `proto/` for `src/contracts`: messages, service traits and the descriptor set
//! with all custom options. Needs no `protoc`: protox parses the files.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through variables")]

use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

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
    fs::write(out_dir.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    let clients = env::var_os("CARGO_FEATURE_CLIENTS").is_some();
    tonic_prost_build::configure()
        .build_client(clients)
        .build_server(true)
        .generate_default_stubs(true)
        .bytes(".google.api.HttpBody")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
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
