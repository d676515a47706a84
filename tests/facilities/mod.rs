//! The rules of the facilities family, resource by resource.
