//! Between the contract and the model.

use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::NewTenantLead;
use crate::pb;

pub(crate) fn read(request: pb::CreateTenantLeadRequest) -> Result<NewTenantLead> {
    let pb::CreateTenantLeadRequest { name, email, company, phone, message } = request;
    let mut violations = Violations::below("");
    let lead = NewTenantLead {
        name: violations.required_tidy("name", Some(name), 120),
        email: crate::wire::email(&mut violations, "email", Some(email)),
        company: violations.tidy("company", company, 120),
        phone: violations.phone("phone", phone),
        message: violations.text("message", message, 2000),
    };
    violations.finish(lead)
}
