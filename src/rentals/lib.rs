//! The equipment-rental family: what a rental costs and what is free when.
//!
//! Both are pure functions of what they are given: no statement, no clock. What asks the
//! database hands its rows in, together with the present instant where it matters.

pub mod availability;
pub mod money;
pub mod pricing;
pub mod returns;
pub mod status;
pub mod time;
