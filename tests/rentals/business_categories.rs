//! Covers: ListBusinessCategories

use crate::support::{http, with_tenant};

#[test]
fn anybody_reads_the_categories_in_the_own_language() {
    with_tenant(async |t| {
        let mut first = Vec::new();
        for language in ["en", "pt", "es", "xx"] {
            let url = format!("{}/api/business_categories", t.base);
            let asked = http::request("GET", &url).header("accept-language", language);
            let document = http::send(asked).await.is(200).json();
            let all = document["data"].as_array().expect("a list");
            assert_eq!(all.len(), 18);
            assert_eq!(document["meta"]["total_count"], 18);
            let surf = all.iter().find(|one| one["attributes"]["slug"] == "surf_water");
            let surf = surf.expect("surf and water sports");
            assert_eq!((&surf["id"], &surf["type"]), (&"11".into(), &"business_category".into()));
            first.push(surf["attributes"]["name"].as_str().expect("text").to_owned());
        }
        let english = "Surf and water sports";
        assert_eq!(
            first,
            [english, "Surf e desportos náuticos", "Surf y deportes acuáticos", english]
        );
        let page = format!("{}/api/business_categories?page[size]=5&page[number]=4", t.base);
        let page = http::send(http::request("GET", &page)).await.is(200).json();
        assert_eq!(page["data"].as_array().map(Vec::len), Some(3));
    });
}
