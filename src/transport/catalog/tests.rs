//! The contract that is compiled in loads; contracts that are wrong are refused by name.

use protox::file::{
    ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver,
};

use super::*;

struct Source(String);

impl FileResolver for Source {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == "steward/test/v1/test.proto" {
            File::from_source(name, &self.0)
        } else {
            Err(protox::Error::file_not_found(name))
        }
    }
}

const GOOD_SERVICE: &str = r#"
    option (steward.platform.v1.service) = {family: "rentals" dialect: DIALECT_FACILITIES};"#;
const GOOD_RULE: &str = r#"
    option (steward.platform.v1.rpc) = {
      permission: "rentals.things.read" idempotency: IDEMPOTENCY_READ
    };"#;
const GOOD_HTTP: &str = r#"option (google.api.http) = {get: "/things/{id}"};"#;

fn load(service: &str, methods: &[(&str, &str)]) -> Result<Catalog, String> {
    let methods: String = methods
        .iter()
        .map(|(name, options)| format!("rpc {name}(Ask) returns (Thing) {{ {options} }}\n"))
        .collect();
    let source = format!(
        r#"syntax = "proto3";
        package steward.test.v1;
        import "google/api/annotations.proto";
        import "google/api/field_behavior.proto";
        import "steward/platform/v1/options.proto";
        // Things.
        service ThingService {{ {service} {methods} }}
        message Ask {{
          int64 id = 1; repeated string words = 2; Thing thing = 3; string key = 4;
        }}
        message Thing {{ int64 id = 1; Ask ask = 2; }}"#
    );
    let mut resolver = ChainFileResolver::new();
    resolver.add(Source(source));
    resolver.add(IncludeFileResolver::new("../../proto".into()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    compiler.open_file("steward/test/v1/test.proto").expect("the test contract compiles");
    Catalog::from_descriptors(&compiler.encode_file_descriptor_set())
        .map_err(|error| error.to_string())
}

#[test]
fn the_contract_loads() {
    let catalog = Catalog::load().expect("the contract is whole");
    let rpc = catalog
        .rpc("/steward.facilities.v1.OwnerService/CreateOwner")
        .expect("owners can be created");
    assert_eq!(rpc.service, "steward.facilities.v1.OwnerService");
    assert_eq!((rpc.method, rpc.family), ("CreateOwner", "facilities"));
    assert_eq!(rpc.access, Access::Permission("facilities.owners.write"));
    assert_eq!(rpc.idempotency, Idempotency::Keyed);
    assert_eq!(rpc.streaming, Streaming::Unary);
    assert!(rpc.audit && rpc.comment.starts_with("Records an owner"), "{}", rpc.comment);
    assert_eq!(rpc.bindings[0].template.documented(), "/api/public/Owners");
    assert!(matches!(
        &rpc.location.as_deref(),
        Some([LocationPart::Literal(_), LocationPart::Response(_)])
    ));

    let company = catalog
        .rpc("/steward.facilities.v1.OwnerCompanyService/CreateOwnerCompany")
        .expect("companies can be created");
    assert_eq!(company.bindings[0].template.documented(), "/api/public/Owners/{ownerId}/companies");
    assert!(matches!(
        &company.location.as_deref(),
        Some([_, LocationPart::Variable(_), _, LocationPart::Response(_)])
    ));
    let manager =
        catalog.rpc("/steward.facilities.v1.ManagerService/GetManager").expect("managers");
    assert_eq!(manager.bindings.len(), 2);
    let token = catalog.rpc("/steward.platform.v1.TokenService/CreateToken").expect("tokens");
    assert_eq!((token.access, token.family), (Access::Public, "facilities"));
    assert!(token.takes_forms() && token.link.is_none());
    let accept = catalog.rpc("/steward.facilities.v1.InvitationService/AcceptInvitation");
    let accept = accept.expect("invitations can be accepted");
    assert_eq!((accept.access, accept.link), (Access::Public, Some(1)));
    assert!(!accept.takes_forms(), "a link comes in JSON");
    let deactivate = catalog.rpc("/steward.facilities.v1.InvitationService/DeactivateUser");
    let resource = deactivate.map(|rpc| rpc.resource);
    assert_eq!(resource, Some("steward.facilities.v1.UserService/GetUser"));
    assert!(catalog.rpc("/steward.facilities.v1.OwnerService/Nothing").is_none());
    let families: Vec<_> = catalog.families().iter().map(|family| family.name).collect();
    assert_eq!(families, ["facilities", "rentals", "cleaning"]);
}

#[test]
fn every_element_of_the_contract_is_commented() {
    let catalog = Catalog::load().expect("the contract is whole");
    let mut bare = Vec::new();
    for rpc in catalog.rpcs().filter(|rpc| rpc.comment.is_empty()) {
        bare.push(rpc.path.to_owned());
    }
    let ours = |name: &str| name.starts_with("steward.");
    for message in catalog.pool().all_messages().filter(|message| ours(message.full_name())) {
        if catalog.message_comment(&message).is_empty() {
            bare.push(message.full_name().to_owned());
        }
        for field in message.fields().filter(|field| catalog.field_comment(field).is_empty()) {
            bare.push(field.full_name().to_owned());
        }
    }
    assert_eq!(bare, Vec::<String>::new());
}

#[test]
fn a_whole_rule_is_accepted() {
    let rule = format!("{GOOD_RULE} {GOOD_HTTP}");
    assert_eq!(load(GOOD_SERVICE, &[("GetThing", &rule)]).err(), None);
}

#[test]
fn wrong_contracts_are_refused_by_name() {
    let rpc = |text: &str| format!("option (steward.platform.v1.rpc) = {{ {text} }};");
    let http = |text: &str| format!("{GOOD_RULE} option (google.api.http) = {{ {text} }};");
    // Service option, methods with their options, and what the refusal says.
    type Case = (&'static str, Vec<(&'static str, String)>, &'static str);
    let cases: Vec<Case> = vec![
        ("", vec![("GetThing", GOOD_RULE.into())], "ThingService: lacks"),
        (
            r#"option (steward.platform.v1.service) = {family: "rentals"};"#,
            vec![("GetThing", GOOD_RULE.into())],
            "ThingService: names no dialect",
        ),
        (GOOD_SERVICE, vec![("GetThing", String::new())], "GetThing: lacks"),
        (
            GOOD_SERVICE,
            vec![("GetThing", rpc("idempotency: IDEMPOTENCY_READ"))],
            "GetThing: says neither",
        ),
        (
            GOOD_SERVICE,
            vec![("GetThing", rpc("public: false idempotency: IDEMPOTENCY_READ"))],
            "GetThing: says neither",
        ),
        (GOOD_SERVICE, vec![("GetThing", rpc("public: true"))], "GetThing: does not say its idem"),
        (
            GOOD_SERVICE,
            vec![("GetThing", rpc(r#"permission: "things" idempotency: IDEMPOTENCY_READ"#))],
            "GetThing: permission `things`",
        ),
        (
            GOOD_SERVICE,
            vec![(
                "GetThing",
                rpc(
                    r#"permission: "rentals.things.read" idempotency: IDEMPOTENCY_READ roles: "king""#,
                ),
            )],
            "GetThing: there is no role `king`",
        ),
        (
            GOOD_SERVICE,
            vec![("GetThing", rpc(r#"public: true idempotency: IDEMPOTENCY_READ roles: "owner""#))],
            "GetThing: names roles, and is open",
        ),
        (
            GOOD_SERVICE,
            vec![(
                "GetThing",
                rpc("public: true idempotency: IDEMPOTENCY_READ opens_account: true"),
            )],
            "GetThing: opens an account, and is open",
        ),
        (
            GOOD_SERVICE,
            vec![(
                "GetThing",
                rpc(r#"permission: "platform.things.read" idempotency: IDEMPOTENCY_READ"#),
            )],
            "is not `rentals.<resource>",
        ),
        (
            GOOD_SERVICE,
            vec![("GetThing", http(r#"get: "/t/{nothing}""#))],
            "GetThing: path variable `nothing`",
        ),
        (GOOD_SERVICE, vec![("GetThing", http(r#"get: "/t/{words}""#))], "is a list"),
        (GOOD_SERVICE, vec![("GetThing", http(r#"get: "/t/{thing}""#))], "is a message"),
        (GOOD_SERVICE, vec![("GetThing", http(r#"get: "/t/{id}/{id}""#))], "occurs twice"),
        (GOOD_SERVICE, vec![("GetThing", http(r#"get: "/t//x""#))], "empty segment"),
        (
            GOOD_SERVICE,
            vec![("GetThing", http(r#"post: "/t" body: "nothing""#))],
            "GetThing: body `nothing`",
        ),
        (
            GOOD_SERVICE,
            vec![("GetThing", http(r#"get: "/t" response_body: "nothing""#))],
            "GetThing: response_body `nothing`",
        ),
        (
            GOOD_SERVICE,
            vec![(
                "GetThing",
                rpc(r#"public: true idempotency: IDEMPOTENCY_READ location: "/t/{nothing}""#),
            )],
            "location names `nothing`",
        ),
        (
            GOOD_SERVICE,
            vec![(
                "GetThing",
                rpc(
                    r#"permission: "rentals.things.read" idempotency: IDEMPOTENCY_READ link: "key""#,
                ),
            )],
            "GetThing: needs a token, and a link as well",
        ),
        (
            GOOD_SERVICE,
            vec![(
                "GetThing",
                rpc(
                    r#"permission: "rentals.things.read" idempotency: IDEMPOTENCY_READ optional_token: true"#,
                ),
            )],
            "GetThing: needs a token, and calls it optional as well",
        ),
        (
            GOOD_SERVICE,
            vec![("GetThing", rpc(r#"public: true idempotency: IDEMPOTENCY_READ link: "id""#))],
            "GetThing: link `id` names no text",
        ),
        (
            GOOD_SERVICE,
            vec![("GetThing", rpc(r#"public: true idempotency: IDEMPOTENCY_READ link: "words""#))],
            "GetThing: link `words` names no text",
        ),
        (
            GOOD_SERVICE,
            vec![(
                "GetThing",
                rpc(r#"public: true idempotency: IDEMPOTENCY_READ resource: "test.Nothing/Get""#),
            )],
            "its resource `test.Nothing/Get` is no RPC",
        ),
        (
            GOOD_SERVICE,
            vec![
                ("GetThing", format!("{GOOD_RULE} {GOOD_HTTP}")),
                ("FetchThing", http(r#"get: "/THINGS/{thing.id}""#)),
            ],
            "FetchThing: GET /THINGS/{thing.id} is also a route of",
        ),
    ];
    for (service, methods, expected) in cases {
        let methods: Vec<_> =
            methods.iter().map(|(name, options)| (*name, options.as_str())).collect();
        let problem = load(service, &methods).expect_err(expected);
        assert!(problem.contains(expected), "`{problem}` should say `{expected}`");
    }
}
