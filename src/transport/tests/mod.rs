//! Tests of the whole room: requests as bytes, in process unless connections are the subject.

mod calls;
mod connections;
mod json;
mod support;
mod web;
